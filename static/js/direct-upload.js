// Sends one file to the bucket in parts. A part whose connection breaks is sent again, and only that part; so a large file
// survives a line that is away for a while. It has what uploads.js needs of an XMLHttpRequest: abort().
import { request, requestJson, RequestError } from "./http.js";

// Smaller files go through the app: they are looked at while they arrive, and cost one request.
export const DIRECT_FROM_BYTES = 8 * 1024 ** 2;
const PATIENCE_MS = 15 * 60 * 1000;
const FIRST_WAIT_MS = 1000;
const LONGEST_WAIT_MS = 15_000;

export class UploadAborted extends Error {}

// What the server refuses it would refuse again, except when it is busy or starting.
const isFinal = (error) => error instanceof RequestError && error.status < 500 && ![408, 429].includes(error.status);

export class DirectUpload {
  #url;
  #file;
  #workspace;
  #onProgress;
  #onWaiting;
  #id;
  #part;
  #isAborted = false;
  #wake = () => {};

  constructor({ url, file, workspace, onProgress, onWaiting }) {
    this.#url = url;
    this.#file = file;
    this.#workspace = workspace;
    this.#onProgress = onProgress;
    this.#onWaiting = onWaiting;
  }

  // The stored file, as the form's answer has it.
  async send() {
    const begin = new FormData();
    begin.append("workspace", this.#workspace);
    begin.append("name", this.#file.name);
    begin.append("size", this.#file.size);
    const upload = await this.#patiently(() => requestJson(this.#url, { body: begin }));
    this.#id = upload.id;
    for (let number = 1; number <= upload.parts; number += 1) {
      const start = (number - 1) * upload.part_bytes;
      const part = this.#file.slice(start, start + upload.part_bytes);
      await this.#patiently(async () => {
        // A new address each time: the one before may have expired.
        const { url } = await requestJson(`${this.#url}${this.#id}/parts/${number}/`);
        await this.#put(url, part, start);
      });
    }
    this.#onProgress(this.#file.size, this.#file.size);
    return this.#patiently(() => requestJson(`${this.#url}${this.#id}/finish/`, { body: new FormData() }));
  }

  abort() {
    this.#isAborted = true;
    this.#part?.abort();
    this.#wake();
    if (this.#id) request(`${this.#url}${this.#id}/cancel/`, { body: new FormData(), keepalive: true }).catch(() => {});
  }

  async #patiently(work) {
    const endsAt = Date.now() + PATIENCE_MS;
    for (let wait = FIRST_WAIT_MS; ; wait = Math.min(wait * 2, LONGEST_WAIT_MS)) {
      if (this.#isAborted) throw new UploadAborted();
      try {
        return await work();
      } catch (error) {
        if (this.#isAborted) throw new UploadAborted();
        if (isFinal(error) || Date.now() + wait > endsAt) throw error;
      }
      this.#onWaiting();
      await this.#sleep(wait);
    }
  }

  // Until the time is over, the line is back, or the user cancels.
  #sleep(milliseconds) {
    return new Promise((resolve) => {
      const timer = setTimeout(() => this.#wake(), milliseconds);
      this.#wake = () => {
        clearTimeout(timer);
        window.removeEventListener("online", this.#wake);
        resolve();
      };
      window.addEventListener("online", this.#wake);
    });
  }

  #put(url, part, start) {
    return new Promise((resolve, reject) => {
      const put = new XMLHttpRequest();
      this.#part = put;
      put.upload.addEventListener("progress", (event) => this.#onProgress(start + event.loaded, this.#file.size));
      put.addEventListener("load", () => (put.status === 200 ? resolve() : reject(new Error(`Status ${put.status}`))));
      for (const kind of ["error", "abort", "timeout"]) put.addEventListener(kind, () => reject(new Error(kind)));
      put.open("PUT", url);
      put.send(part);
    });
  }
}
