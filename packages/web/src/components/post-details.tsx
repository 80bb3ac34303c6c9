/** What was posted, from which account, for whom, and with what said about it: every choice of the form, as it was sent. */
import type { AccountView, PublicationView } from "@clipcast/client";
import type { ReactNode } from "react";
import { type Author, authorOf, disclosureOf, interactionsOf } from "../model/summary.ts";
import { strings } from "../strings.ts";
import { Avatar } from "./avatar.tsx";
import { Icon } from "./icon.tsx";
import { OutsideLink } from "./sentence.tsx";

export function PostDetails(props: { view: PublicationView; accounts: readonly AccountView[] }) {
  const { view, accounts } = props;
  const { post } = view;
  const text = strings.detail;
  return (
    <section className="details" aria-labelledby="details-title">
      <h2 id="details-title">{text.title}</h2>
      <dl>
        <Row name={text.account}>
          <AuthorName author={authorOf(view, accounts)} />
        </Row>
        <Row name={text.sentAs}>{text.sentAsMode[post.mode]}</Row>
        {post.mode === "direct" && <Choices post={post} />}
      </dl>
      <p className="field-hint">{text.hint[post.mode]}</p>
    </section>
  );
}

function Choices({ post }: { post: Extract<PublicationView["post"], { mode: "direct" }> }) {
  const text = strings.detail;
  const { privacyLevel, coverTimestampMs } = post;
  return (
    <>
      <Row name={strings.post.privacy}>
        <strong>{strings.privacyLevel[privacyLevel] ?? privacyLevel}</strong>
      </Row>
      <Row name={strings.post.caption}>
        {post.title.trim() === "" ? (
          text.noCaption
        ) : (
          <p className="details-caption">{post.title}</p>
        )}
      </Row>
      <Row name={strings.post.interactions}>
        <ul className="details-list">
          {interactionsOf(post).map(({ name, isAllowed }) => (
            <li key={name} className={isAllowed ? "is-allowed" : undefined}>
              <Icon name={isAllowed ? "check" : "close"} />
              {name}
              <span className="visually-hidden">
                {`, ${isAllowed ? text.isAllowed : text.isNotAllowed}`}
              </span>
            </li>
          ))}
        </ul>
      </Row>
      <Row name={text.disclosure}>{disclosureOf(post)}</Row>
      <Row name={strings.post.ai}>{post.isAiGenerated ? text.labeled : text.notLabeled}</Row>
      <Row name={strings.post.cover}>
        {coverTimestampMs === undefined
          ? strings.post.coverFirst
          : strings.post.coverAt(coverTimestampMs)}
      </Row>
    </>
  );
}

function AuthorName({ author: { name, profile, isConnected } }: { author: Author }) {
  return (
    <span className="details-author">
      <Avatar name={name.replace(/^@/, "")} />
      <span>
        <strong>{name}</strong>
        {profile !== null && <OutsideLink href={profile.url}>{profile.handle}</OutsideLink>}
        {!isConnected && <small>{strings.detail.noLongerConnected}</small>}
      </span>
    </span>
  );
}

function Row({ name, children }: { name: string; children: ReactNode }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}
