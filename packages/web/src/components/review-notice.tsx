/** What will become of a post while TikTok has not reviewed the app, said before anything is uploaded. */
import type { CreatorInfoResponse } from "@clipcast/client";
import { isPublicAccount } from "../model/privacy.ts";
import { strings } from "../strings.ts";
import { Notice } from "./notice.tsx";

export function ReviewNotice(props: { creator: CreatorInfoResponse; onCheckAgain: () => void }) {
  const { review } = strings;
  if (!isPublicAccount(props.creator.privacyOptions)) {
    return (
      <Notice tone="warning">
        {review.unaudited} {review.privateAccount}
      </Notice>
    );
  }
  return (
    <Notice tone="warning">
      <p>
        {review.unaudited} {review.publicAccount}
      </p>
      <button type="button" className="button button-small" onClick={props.onCheckAgain}>
        {review.checkAgain}
      </button>
    </Notice>
  );
}
