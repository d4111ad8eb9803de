/**
 * A workbench on a copy of the checkout, and a browser that looks at it.
 *
 * @module
 */

import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { join } from "node:path";
import puppeteer, { type Browser, type Page } from "puppeteer-core";

/** Where Chromium may be. */
const BROWSERS = ["chromium", "chromium-browser", "google-chrome"]
  .flatMap((name) => ["/usr/bin", "/usr/local/bin"].map((folder) => join(folder, name)));

/** Longer than anything takes on a busy machine. */
const PATIENCE_MS = 20_000;

/** A workbench and a browser; disposing of it ends both. */
export class Session implements AsyncDisposable {
  /** The browser. */
  readonly browser: Browser;
  /** The page. */
  readonly page: Page;
  /** The address with the token. */
  readonly url: string;
  /** Where the browser saves files. */
  readonly downloads: string;
  /** What the page's policy refused, other than what the browser's own editing adds. */
  readonly violations: string[] = [];
  /** Errors that the page didn't catch. */
  readonly errors: string[] = [];
  readonly #checkout: string;
  readonly #workbench: Deno.ChildProcess;

  private constructor(
    checkout: string,
    { browser, page, url, workbench }: {
      browser: Browser;
      page: Page;
      url: string;
      workbench: Deno.ChildProcess;
    },
  ) {
    this.#checkout = checkout;
    this.#workbench = workbench;
    this.browser = browser;
    this.page = page;
    this.url = url;
    this.downloads = join(checkout, "downloads");
  }

  /** Starts both, on a copy of the checkout. */
  static async start(checkout: string): Promise<Session> {
    const workbench = new Deno.Command(Deno.execPath(), {
      args: ["run", "-A", `--config=${join(checkout, "deno.json")}`]
        .concat([`--lock=${join(checkout, "deno.lock")}`, "--frozen"])
        .concat([join(checkout, "tasks/workbench.ts"), "--no-browser"]),
      cwd: checkout,
      stdout: "piped",
      stderr: "inherit",
    }).spawn();
    const url = await firstLine(workbench.stdout);
    const browser = await puppeteer.launch({
      executablePath: BROWSERS.find((path) => existsSync(path)),
      args: [
        ...(Deno.uid() === 0 ? ["--no-sandbox"] : []),
        "--disable-dev-shm-usage",
        "--force-device-scale-factor=1",
      ],
    });
    const page = await browser.newPage();
    const session = new Session(checkout, { browser, page, url, workbench });
    page.setDefaultTimeout(PATIENCE_MS);
    await page.setViewport({ width: 1280, height: 800 });
    await session.watch(page);
    const cdp = await browser.target().createCDPSession();
    await cdp.send("Browser.setDownloadBehavior", {
      behavior: "allow",
      downloadPath: session.downloads,
      eventsEnabled: true,
    });
    return session;
  }

  /** The address of a path on the workbench. */
  at(path: string): string {
    return new URL(path, this.url).href;
  }

  /** Notices what a page's policy refuses and what it doesn't catch. */
  async watch(page: Page): Promise<void> {
    await page.exposeFunction("tellViolation", (told: string) => this.violations.push(told));
    await page.evaluateOnNewDocument(() => {
      addEventListener("securitypolicyviolation", ({ violatedDirective, blockedURI }) => {
        // Chromium gives text that is typed over other text the style of that, as an attribute.
        if (violatedDirective === "style-src-attr") return;
        const { tellViolation } = globalThis as unknown as { tellViolation(told: string): void };
        tellViolation(`${violatedDirective}: ${blockedURI}`);
      });
    });
    page.on("pageerror", (error) => this.errors.push(String(error)));
  }

  /** A path in the checkout. */
  path(name: string): string {
    return join(this.#checkout, name);
  }

  /** Saves a file of the checkout as an editor would. */
  save(name: string, text: string): void {
    Deno.writeTextFileSync(this.path(name), text);
  }

  /** Follows a link of the navigation. */
  async view(name: "Data" | "Query" | "Job" | "Artifacts"): Promise<void> {
    await this.page.locator(`nav[aria-label=Views] a::-p-text(${name})`).click();
    await this.until((name) => document.querySelector("main")?.ariaLabel === name, name);
  }

  /** Waits until something is true in the page. */
  async until(condition: (text: string) => unknown, text = ""): Promise<void> {
    try {
      await this.page.waitForFunction(condition, { timeout: PATIENCE_MS, polling: 50 }, text);
    } catch {
      const shown = await this.page.evaluate(() => document.body.innerText.slice(0, 1500));
      assert.fail(`Not so within ${PATIENCE_MS / 1000} s: ${condition} ${text}\n\n${shown}`);
    }
  }

  /** Waits until the page shows a text. */
  async shows(text: string): Promise<void> {
    await this.until((text) => document.body.innerText.includes(text), text);
  }

  /** Replaces the text of the query editor and runs it. */
  async query(sql: string): Promise<void> {
    const { page } = this;
    await (await page.waitForSelector(".cm-content"))!.focus();
    await page.keyboard.down("Control");
    await page.keyboard.press("a");
    await page.keyboard.up("Control");
    await page.keyboard.type(sql);
    await page.keyboard.press("Escape");
    await page.keyboard.down("Control");
    await page.keyboard.press("Enter");
    await page.keyboard.up("Control");
  }

  /** The texts of the grid's cells in sight, row by row. */
  async cells(): Promise<string[][]> {
    return await this.page.evaluate(() =>
      [...document.querySelectorAll("regular-table tbody tr")].map((row) =>
        [...row.querySelectorAll("td")].map((cell) => cell.textContent ?? "")
      )
    );
  }

  /** Waits for a saved file, and returns its bytes. */
  async download(name: RegExp): Promise<Uint8Array> {
    for (const end = Date.now() + PATIENCE_MS; Date.now() < end;) {
      const files = existsSync(this.downloads) ? [...Deno.readDirSync(this.downloads)] : [];
      const file = files.find((file) => name.test(file.name));
      if (file !== undefined) return Deno.readFileSync(join(this.downloads, file.name));
      await new Promise((done) => setTimeout(done, 50));
    }
    assert.fail(`The browser saved no file like ${name}`);
  }

  /** Ends the workbench, as Ctrl-C does. */
  async stopWorkbench(): Promise<void> {
    this.#workbench.kill("SIGTERM");
    await this.#workbench.status;
  }

  /** Ends both. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.browser.close();
    try {
      this.#workbench.kill("SIGTERM");
    } catch {
      // It has ended.
    }
    await this.#workbench.status;
  }
}

/** Reads up to the first line break, and on: the program must not wait for a reader. */
async function firstLine(stream: ReadableStream<Uint8Array<ArrayBuffer>>): Promise<string> {
  const reader = stream.pipeThrough(new TextDecoderStream()).getReader();
  let said = "";
  while (!said.includes("\n")) {
    const { done, value } = await reader.read();
    if (done) throw new Error(`The workbench ended: ${said}`);
    said += value;
  }
  void (async () => {
    while (!(await reader.read()).done);
  })();
  return said.split("\n")[0]!;
}
