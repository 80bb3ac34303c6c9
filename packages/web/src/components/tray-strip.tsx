/** All chosen videos side by side: which one the form shows, and how far each of them is. */
import type { MeResponse } from "@clipcast/client";
import { useEffect, useRef } from "react";
import { type Readiness, readinessOf } from "../state/filling.ts";
import { useStore } from "../state/store.ts";
import type { Tray } from "../state/tray.ts";
import { strings } from "../strings.ts";
import { Icon } from "./icon.tsx";
import type { KnownCreators } from "./studio.tsx";

const icons = {
  checking: "info",
  unfit: "alert",
  open: "pencil",
  ready: "check",
  starting: "upload",
  refused: "alert",
} as const satisfies Record<Readiness, string>;

export function TrayStrip(props: { tray: Tray; me: MeResponse; creators: KnownCreators }) {
  const { tray, me, creators } = props;
  const { videos, currentId } = useStore(tray);
  const list = useRef<HTMLUListElement>(null);
  useEffect(() => {
    const current = list.current?.querySelector(`[data-id="${currentId}"]`);
    current?.scrollIntoView({ block: "nearest", inline: "nearest" });
  }, [currentId]);
  return (
    <ul ref={list} className="tray" aria-label={strings.tray.title}>
      {videos.map((video) => {
        const readiness = readinessOf(video, me, creators);
        return (
          <li key={video.id}>
            <button
              type="button"
              className={`tray-video tray-${readiness}`}
              aria-current={video.id === currentId}
              data-id={video.id}
              onClick={() => tray.show(video.id)}
            >
              {/* The first frame, as decoration: the name says what it is. */}
              <video
                src={video.url}
                preload="metadata"
                muted
                playsInline
                tabIndex={-1}
                aria-hidden="true"
              />
              <span className="tray-text">
                <strong>{video.file.name}</strong>
                <span className="tray-state">
                  <Icon name={icons[readiness]} />
                  {strings.tray.state[readiness]}
                </span>
              </span>
            </button>
          </li>
        );
      })}
    </ul>
  );
}
