// Uploads files one request each, with progress, cancel and "Try again". The composer and the media library share it:
// they pass where the rows stand (#uploads, with the template #upload-row) and what is to happen with a file that is stored.
import { DIRECT_FROM_BYTES, DirectUpload, UploadAborted } from "./direct-upload.js";
import { csrfToken, RequestError } from "./http.js";

// More at a time would not be faster, and each occupies a thread of the server.
const AT_ONCE = 3;

const sizeOf = (bytes) => {
  const megabytes = bytes / 1024 ** 2;
  return megabytes < 10 ? `${megabytes.toFixed(1)} MB` : `${Math.round(megabytes)} MB`;
};

// Sends one file in one request to the app.
class FormUpload {
  #request = new XMLHttpRequest();
  #url;
  #body = new FormData();

  constructor({ url, file, workspace, onProgress }) {
    this.#url = url;
    this.#body.append("file", file);
    this.#body.append("workspace", workspace);
    this.#request.upload.addEventListener("progress", (event) => {
      if (event.lengthComputable) onProgress(event.loaded, event.total);
    });
  }

  // The stored file.
  send() {
    const sent = this.#request;
    return new Promise((resolve, reject) => {
      sent.addEventListener("load", () => {
        if (sent.status === 200) {
          resolve(JSON.parse(sent.responseText));
          return;
        }
        const isSentence = sent.getResponseHeader("Content-Type")?.startsWith("text/plain");
        const sentence = isSentence ? sent.responseText : `The server returned ${sent.status}. Try again in a minute.`;
        reject(new RequestError(sentence, sent.status));
      });
      sent.addEventListener("error", () => reject(new Error("The connection was lost.")));
      sent.addEventListener("abort", () => reject(new UploadAborted()));
      sent.open("POST", this.#url);
      sent.setRequestHeader("X-CSRFToken", csrfToken());
      sent.setRequestHeader("X-Requested-With", "XMLHttpRequest");
      sent.send(this.#body);
    });
  }

  abort() {
    this.#request.abort();
  }
}

export class Uploads {
  #url;
  #directUrl;
  #workspace;
  #onUploaded;
  #onChange;
  #onProgress;
  #onFailed;
  #rows = document.querySelector("#uploads");
  #template = document.querySelector("#upload-row");
  #added = 0;
  #waiting = [];
  #sending = 0;
  #running = 0;
  #underway = new Set();

  constructor({ form, url, onUploaded, onChange, onProgress = () => {}, onFailed = () => {}, dropTarget = form }) {
    this.#url = url;
    this.#directUrl = form.dataset.directUploadUrl;
    this.#workspace = form.querySelector("[name=workspace]").value;
    this.#onUploaded = onUploaded;
    this.#onChange = onChange;
    this.#onProgress = onProgress;
    this.#onFailed = onFailed;
    this.#takeFilesFrom(form, dropTarget);
    window.addEventListener("beforeunload", (event) => this.#running > 0 && event.preventDefault());
  }

  // What has neither arrived nor failed: the names of the files, and how much of them has been sent.
  get underway() {
    return [...this.#underway].map(({ file, percent }) => ({ name: file.name, percent }));
  }

  // How many have neither arrived nor failed, those that wait included.
  get running() {
    return this.#running;
  }

  // Choosing, dropping anywhere on the target, pasting: three ways, one queue.
  #takeFilesFrom(form, target) {
    const input = form.querySelector("input[type=file]");
    const take = () => {
      const files = [...input.files];
      input.value = ""; // or the form would send them a second time
      files.forEach((file) => this.#add(file));
    };
    input.addEventListener("change", take);
    queueMicrotask(take); // what was chosen before the page's scripts were here
    document.addEventListener("paste", (event) => {
      [...(event.clipboardData?.files ?? [])].forEach((file) => this.#add(file));
    });

    let depth = 0; // dragenter and dragleave come for every child, too
    const carriesFiles = (event) => event.dataTransfer?.types.includes("Files");
    const mark = (change) => {
      depth = Math.max(0, depth + change);
      target.classList.toggle("is-dropping", depth > 0);
    };
    target.addEventListener("dragenter", (event) => carriesFiles(event) && mark(1));
    target.addEventListener("dragleave", (event) => carriesFiles(event) && mark(-1));
    target.addEventListener("drop", (event) => {
      mark(-depth);
      [...event.dataTransfer.files].forEach((file) => this.#add(file));
    });
    // Without this, a file that misses the form replaces the page.
    for (const kind of ["dragover", "drop"]) {
      window.addEventListener(kind, (event) => carriesFiles(event) && event.preventDefault());
    }
  }

  #add(file) {
    this.#added += 1;
    const order = this.#added; // several are sent at a time, and a small one overtakes a large one
    const row = this.#template.content.firstElementChild.cloneNode(true);
    row.querySelector(".upload__name").textContent = file.name;
    row.querySelector(".upload__name").title = file.name;
    const picture = row.querySelector(".upload__picture");
    picture.src = URL.createObjectURL(file);
    picture.addEventListener("load", () => URL.revokeObjectURL(picture.src), { once: true });
    picture.addEventListener("error", () => picture.remove(), { once: true }); // a video, or HEIC
    row.querySelector(".upload__retry").addEventListener("click", () => this.#enqueue(file, row, order));
    this.#rows.append(row);
    this.#enqueue(file, row, order);
  }

  #enqueue(file, row, order) {
    const progress = row.querySelector(".upload__progress");
    const cancel = row.querySelector(".upload__cancel");
    const upload = { file, row, order, percent: 0 };

    row.classList.remove("upload--failed");
    progress.value = 0;
    progress.hidden = false;
    progress.setAttribute("aria-label", `Uploading ${file.name}`);
    row.querySelector(".upload__retry").hidden = true;
    this.#say(row, "Waiting");
    cancel.textContent = "Cancel";
    cancel.onclick = () => {
      this.#waiting = this.#waiting.filter((other) => other !== upload);
      row.remove();
      this.#end(upload);
      this.#onFailed(file.name);
    };
    this.#waiting.push(upload);
    this.#underway.add(upload);
    this.#count(1);
    this.#sendNext();
  }

  #sendNext() {
    while (this.#sending < AT_ONCE && this.#waiting.length > 0) this.#send(this.#waiting.shift());
  }

  async #send(upload) {
    const { file, row, order } = upload;
    const progress = row.querySelector(".upload__progress");
    const cancel = row.querySelector(".upload__cancel");
    const onProgress = (sent, total) => {
      const percent = Math.floor((100 * sent) / total);
      progress.value = percent;
      progress.textContent = `${percent}%`;
      upload.percent = percent;
      this.#onProgress();
      this.#say(row, percent < 100 ? `${percent}% of ${sizeOf(total)}` : "Checking the file");
    };
    const onWaiting = () => this.#say(row, "Connection lost. Trying again");
    const isDirect = this.#directUrl && file.size >= DIRECT_FROM_BYTES;
    const body = { file, workspace: this.#workspace, onProgress, onWaiting };
    const sending = isDirect ? new DirectUpload({ url: this.#directUrl, ...body }) : new FormUpload({ url: this.#url, ...body });

    this.#say(row, "Uploading");
    cancel.onclick = () => sending.abort();
    this.#sending += 1;
    try {
      const stored = await sending.send();
      row.remove();
      this.#onUploaded(stored, { file, order });
    } catch (error) {
      if (error instanceof UploadAborted) row.remove();
      else this.#fail(row, error);
      this.#onFailed(file.name);
    }
    this.#sending -= 1;
    this.#end(upload);
    this.#sendNext();
  }

  #fail(row, error) {
    const cancel = row.querySelector(".upload__cancel");
    const isAnswer = error instanceof RequestError;
    row.classList.add("upload--failed");
    row.querySelector(".upload__progress").hidden = true;
    row.querySelector(".upload__retry").hidden = isAnswer && error.status === 400; // the same file would be refused again
    this.#say(row, isAnswer ? error.message : "The connection was lost. Check it, then try again.");
    cancel.textContent = "Dismiss";
    cancel.onclick = () => row.remove();
  }

  #say(row, sentence) {
    const state = row.querySelector(".upload__state");
    if (state.textContent !== sentence) state.textContent = sentence;
  }

  #end(upload) {
    this.#underway.delete(upload);
    this.#count(-1);
  }

  #count(change) {
    this.#running += change;
    this.#onChange(this.#running);
  }
}
