// The workbench's page.

import { render } from "preact";
import { listen } from "./live.ts";
import { Shell } from "./shell.tsx";

render(<Shell />, document.getElementById("app")!);
void listen();
