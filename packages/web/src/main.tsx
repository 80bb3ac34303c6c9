/** Puts the page together: one client, one session, one list of publications. */
import { createClient } from "@clipcast/client";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { App } from "./app.tsx";
import { createActivity } from "./state/activity.ts";
import { createMemory } from "./state/memory.ts";
import { createSession } from "./state/session.ts";
import "./styles/tokens.css";
import "./styles/base.css";
import "./styles/buttons.css";
import "./styles/fields.css";
import "./styles/feedback.css";
import "./styles/layout.css";
import "./styles/composer.css";
import "./styles/card.css";

const client = createClient({ baseUrl: "" });
const session = createSession(client);
const memory = createMemory(localStorage);
const activity = createActivity({ client, memory, onSessionOver: session.lose });

const root = document.getElementById("root");
if (root === null) throw new Error("The page has no root element.");
createRoot(root).render(
  <StrictMode>
    <App client={client} session={session} activity={activity} />
  </StrictMode>,
);
