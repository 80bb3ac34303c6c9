/** Puts the page together: who is there, what the other tabs say, and the page for it. */
import { createApi } from "@clipcast/client";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { App } from "./app.tsx";
import { startRoutes } from "./state/route.ts";
import { createSession } from "./state/session.ts";
import { linkTabs } from "./state/sign-in.ts";
import { createStakes } from "./state/stake.ts";
import { createTabs } from "./state/tabs.ts";
import "./styles/tokens.css";
import "./styles/base.css";
import "./styles/buttons.css";
import "./styles/fields.css";
import "./styles/feedback.css";
import "./styles/layout.css";
import "./styles/composer.css";
import "./styles/card.css";
import "./styles/card-steps.css";

const client = { api: createApi({ baseUrl: "" }) };
const session = createSession(client);
const tabs = createTabs(new BroadcastChannel("clipcast"));
linkTabs(session, tabs);
startRoutes();

const root = document.getElementById("root");
if (root === null) throw new Error("The page has no root element.");
createRoot(root).render(
  <StrictMode>
    <App client={client} session={session} tabs={tabs} stakes={createStakes()} />
  </StrictMode>,
);
