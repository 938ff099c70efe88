// What the attention viewer shows, as it lies in the page.

export interface ViewerData {
  /** As labels, and as named in a sentence. */
  readonly labels: readonly string[];
  readonly names: readonly string[];
  readonly heads: readonly { readonly layer: number; readonly head: number }[];
  /** Index of the head that is large at first. */
  readonly first: number;
  /** Whether nothing above the diagonal has any weight: it is drawn grey. */
  readonly causal: boolean;
  /** What can be shown, by the words of its choice; attention weights are first. */
  readonly views: Readonly<Record<string, ViewData>>;
}

export interface ViewData {
  /** Base64 of little-endian 16-bit numbers, heads x T x T: `most` times a share of 32767. */
  readonly values: string;
  /** The largest magnitude, which has full colour. */
  readonly most: number;
  /** What the row is about, like the next token; empty where it is nothing more than the destination. */
  readonly about: readonly string[];
}
