// Reads databases for the workbench's grids and charts, in a process that can be killed.

import { chartPoints } from "./chart_points.ts";
import { profileColumn } from "./column_profile.ts";
import { readCell, readRows } from "./grid_cells.ts";
import { listTables } from "./list_tables.ts";
import { serveCalls } from "./serve_calls.ts";

await serveCalls({ listTables, readRows, readCell, profileColumn, chartPoints });
