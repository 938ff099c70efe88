// What the peers' turns amount to: a table of rates, and one of heed's ratios to each.
import { quartiles } from "../harness";
import { textTable } from "../table";
import { type Task, taskAmount, taskName } from "./peer";
import type { PeerTimes } from "./serve";

export interface PeerTurn {
  readonly turn: number;
  readonly task: string;
  readonly peer: string;
  readonly times: PeerTimes;
}

const GIGA = 1e9;
const OURS = ["heed fast", "heed portable"] as const;

export function peerTables(
  tasks: readonly Task[],
  peers: readonly string[],
  turns: readonly PeerTurn[],
): string {
  const titles = (first: string, others: readonly string[]) => [
    { title: first, align: "left" } as const,
    ...others.map((title) => ({ title, align: "right" }) as const),
  ];
  const rates = tasks.map((task) => {
    const { amount, unit } = taskAmount(task);
    const cells = peers.map((peer) => {
      const seconds = quartiles(secondsOf(turns, taskName(task), peer)).median;
      return Number.isNaN(seconds) ? "-" : (amount / seconds / GIGA).toFixed(1);
    });
    return [taskName(task), unit, ...cells];
  });
  const others = peers.filter((peer) => !OURS.some((our) => our === peer));
  const ratioTables = OURS.map((our) => {
    const rows = tasks.map((task) => [
      taskName(task),
      ...others.map((peer) => {
        const ratio = speedRatio(turns, taskName(task), our, peer);
        return Number.isNaN(ratio) ? "-" : `${ratio.toFixed(2)}x`;
      }),
    ]);
    return textTable(titles(`${our} / ...`, others), rows);
  });
  return [
    textTable([...titles("rate", ["", ...peers])], rates),
    ...ratioTables,
    [...ways(turns), ...reasons(turns)].join("\n"),
  ].join("\n\n");
}

/** How many times faster `our` is: the median over the turns that both took part in. NaN when there are none. */
export function speedRatio(turns: readonly PeerTurn[], task: string, our: string, peer: string): number {
  const medians = (name: string) =>
    new Map(
      turns.flatMap((one) =>
        one.task === task && one.peer === name && "seconds" in one.times
          ? [[one.turn, quartiles(one.times.seconds).median] as const]
          : [],
      ),
    );
  const ours = medians(our);
  const ratios = [...medians(peer)].flatMap(([turn, seconds]) => {
    const own = ours.get(turn);
    return own === undefined ? [] : [seconds / own];
  });
  return quartiles(ratios).median;
}

function secondsOf(turns: readonly PeerTurn[], task: string, peer: string): number[] {
  return turns.flatMap((one) =>
    one.task === task && one.peer === peer && "seconds" in one.times ? one.times.seconds : [],
  );
}

/** Which way of a library counted, and how far its answers were off. */
function ways(turns: readonly PeerTurn[]): string[] {
  const used = new Map<string, Set<string>>();
  const errors = new Map<string, number>();
  for (const { peer, times } of turns) {
    if (!("seconds" in times)) continue;
    used.set(peer, (used.get(peer) ?? new Set()).add(times.way));
    errors.set(peer, Math.max(errors.get(peer) ?? 0, times.error));
  }
  return [...used].map(
    ([peer, names]) =>
      `${peer}: ${[...names].join(", ")}; answers within ${errors.get(peer)?.toExponential(0)} of the expected`,
  );
}

/** Why a library has no figure. */
function reasons(turns: readonly PeerTurn[]): string[] {
  const byReason = new Map<string, string[]>();
  for (const { peer, task, times } of turns) {
    if (!("reason" in times) || times.reason === "cannot") continue;
    const key = `${peer} ${times.reason}`;
    byReason.set(key, [...(byReason.get(key) ?? []), task]);
  }
  return [...byReason].map(([key, tasks]) => `${key} (${[...new Set(tasks)].join("; ")})`);
}
