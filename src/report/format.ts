// Numbers as people read them, the same on every host.

const UNREADABLE = "–";

/** 1234567 as 1,234,567. */
export function count(value: number): string {
  if (!Number.isFinite(value)) return UNREADABLE;
  return String(Math.round(value)).replace(/\B(?=(\d{3})+$)/g, ",");
}

/** About `digits` significant digits, without trailing zeros, and with an exponent where zeros would pile up. */
export function short(value: number, digits = 4): string {
  if (!Number.isFinite(value)) return Number.isNaN(value) ? UNREADABLE : value > 0 ? "∞" : "−∞";
  if (value === 0) return "0";
  const size = Math.abs(value);
  if (Number.isInteger(value) && size < 1e9) return minus(count(value));
  if (size < 1e-4 || size >= 1e9)
    return minus(
      value
        .toExponential(digits - 2)
        .replace(/\.?0+e\+?/, "e")
        .replace("e+", "e"),
    );
  if (size >= 10 ** (digits - 1)) return minus(count(value));
  return minus(String(Number(value.toPrecision(digits))));
}

/** A loss in nats: three decimals, so that losses can be compared by eye. */
export function nats(value: number): string {
  return Number.isFinite(value) ? minus(value.toFixed(3)) : short(value);
}

/** 72 as "1 min 12 s", 900 as "15 min". */
export function duration(seconds: number): string {
  if (!(seconds >= 0 && seconds < Number.POSITIVE_INFINITY)) return UNREADABLE;
  if (seconds < 10) return `${short(seconds, 2)} s`;
  const whole = Math.round(seconds);
  const [hours, minutes] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60];
  if (hours > 0) return `${count(hours)} h ${minutes} min`;
  const rest = `${whole % 60} s`;
  if (minutes === 0) return rest;
  return whole % 60 === 0 ? `${minutes} min` : `${minutes} min ${rest}`;
}

/** "1 step", "2 steps". */
export function plural(amount: number, word: string): string {
  return `${count(amount)} ${word}${amount === 1 ? "" : "s"}`;
}

/** heldOutLoss as "held out loss". Symbols stay as they are: lr, beta2, etaY; so does whatever is no name of a program's, like "ReRoPE loss at 64". */
export function inWords(name: string): string {
  if (!/^[a-z][a-z0-9]*([A-Z][a-z0-9]*)+$/.test(name) || /[A-Z]{2}/.test(name)) return name;
  const words = name.split(/(?=[A-Z])/);
  if (words.length === 2 && words[1]!.length === 1) return name;
  return words.map((word) => (word.length === 1 ? word : word.toLowerCase())).join(" ");
}

/** Any value of a settings table. */
export function plain(value: unknown): string {
  if (typeof value === "string") return value;
  return JSON.stringify(value) ?? UNREADABLE;
}

function minus(text: string): string {
  return text.replace(/^-/, "−");
}
