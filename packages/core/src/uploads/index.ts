/**
 * The creator's upload: begin it, sign its parts, say what storage has, complete it. No byte passes through here.
 */
export { type BeginInput, begin } from "./begin.ts";
export { claimKey } from "./claim.ts";
export { complete, type SendRelay } from "./complete.ts";
export { creatorInfo, visible } from "./creator.ts";
export {
  partUrlSeconds,
  type SignedPart,
  signFirstParts,
  signParts,
  storedBytes,
  storedParts,
} from "./parts.ts";
export { partRange, planParts } from "./plan.ts";
