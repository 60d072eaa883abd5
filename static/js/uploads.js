// Uploads files one request each, with progress, cancel and "Try again". The composer and the media library share it:
// they pass where the rows stand (#uploads, with the template #upload-row) and what is to happen with an answer.
import { csrfToken } from "./http.js";

// More at a time would not be faster, and each occupies a thread of the server.
const AT_ONCE = 3;

const sizeOf = (bytes) => {
  const megabytes = bytes / 1024 ** 2;
  return megabytes < 10 ? `${megabytes.toFixed(1)} MB` : `${Math.round(megabytes)} MB`;
};

export class Uploads {
  #url;
  #workspace;
  #onUploaded;
  #onChange;
  #rows = document.querySelector("#uploads");
  #template = document.querySelector("#upload-row");
  #added = 0;
  #waiting = [];
  #sending = 0;
  #running = 0;

  constructor({ form, url, onUploaded, onChange }) {
    this.#url = url;
    this.#workspace = form.querySelector("[name=workspace]").value;
    this.#onUploaded = onUploaded;
    this.#onChange = onChange;
    this.#takeFilesFrom(form);
    window.addEventListener("beforeunload", (event) => this.#running > 0 && event.preventDefault());
  }

  // How many have neither arrived nor failed, those that wait included.
  get running() {
    return this.#running;
  }

  // Choosing, dropping anywhere on the form, pasting: three ways, one queue.
  #takeFilesFrom(form) {
    const input = form.querySelector("input[type=file]");
    input.addEventListener("change", () => {
      const files = [...input.files];
      input.value = ""; // or the form would send them a second time
      files.forEach((file) => this.#add(file));
    });
    document.addEventListener("paste", (event) => {
      [...(event.clipboardData?.files ?? [])].forEach((file) => this.#add(file));
    });

    let depth = 0; // dragenter and dragleave come for every child, too
    const carriesFiles = (event) => event.dataTransfer?.types.includes("Files");
    const mark = (change) => {
      depth = Math.max(0, depth + change);
      form.classList.toggle("is-dropping", depth > 0);
    };
    form.addEventListener("dragenter", (event) => carriesFiles(event) && mark(1));
    form.addEventListener("dragleave", (event) => carriesFiles(event) && mark(-1));
    form.addEventListener("drop", (event) => {
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
    const upload = { file, row, order };

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
      this.#count(-1);
    };
    this.#waiting.push(upload);
    this.#count(1);
    this.#sendNext();
  }

  #sendNext() {
    while (this.#sending < AT_ONCE && this.#waiting.length > 0) this.#send(this.#waiting.shift());
  }

  #send({ file, row, order }) {
    const progress = row.querySelector(".upload__progress");
    const cancel = row.querySelector(".upload__cancel");
    const request = new XMLHttpRequest();

    this.#say(row, "Uploading");
    cancel.onclick = () => request.abort();
    const fail = (sentence, { isFinal = false } = {}) => {
      row.classList.add("upload--failed");
      progress.hidden = true;
      row.querySelector(".upload__retry").hidden = isFinal;
      this.#say(row, sentence);
      cancel.textContent = "Dismiss";
      cancel.onclick = () => row.remove();
    };
    request.upload.addEventListener("progress", (event) => {
      if (!event.lengthComputable) return;
      const percent = Math.floor((100 * event.loaded) / event.total);
      progress.value = percent;
      progress.textContent = `${percent}%`;
      this.#say(row, percent < 100 ? `${percent}% of ${sizeOf(event.total)}` : "Checking the file");
    });
    request.addEventListener("load", () => {
      if (request.status === 200) {
        row.remove();
        const wasThere = request.getResponseHeader("X-Known-Since") !== null;
        this.#onUploaded(request.responseText, { file, order, wasThere });
      } else {
        const isSentence = request.getResponseHeader("Content-Type")?.startsWith("text/plain");
        const sentence = isSentence ? request.responseText : `The server returned ${request.status}. Try again in a minute.`;
        fail(sentence, { isFinal: request.status === 400 }); // the same file would be refused again
      }
    });
    request.addEventListener("error", () => fail("The connection was lost. Check it, then try again."));
    request.addEventListener("abort", () => row.remove());
    request.addEventListener("loadend", () => {
      this.#sending -= 1;
      this.#count(-1);
      this.#sendNext();
    });

    const body = new FormData();
    body.append("file", file);
    body.append("workspace", this.#workspace);
    request.open("POST", this.#url);
    request.setRequestHeader("X-CSRFToken", csrfToken());
    request.setRequestHeader("X-Requested-With", "XMLHttpRequest");
    this.#sending += 1;
    request.send(body);
  }

  #say(row, sentence) {
    const state = row.querySelector(".upload__state");
    if (state.textContent !== sentence) state.textContent = sentence;
  }

  #count(change) {
    this.#running += change;
    this.#onChange(this.#running);
  }
}
