// What the attention viewer is given beside its data: functions of their own, which a page holds as source text like the viewer.
import { tokenStrip } from "./token-strip";
import { viewerColours } from "./viewer-colours";

export const viewerParts = { tokenStrip, viewerColours };

export type ViewerParts = typeof viewerParts;
