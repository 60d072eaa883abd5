// A button that is pressed while files are on their way waits for them, and says so. It is called off by a person, or by a
// file that does not arrive.
export class Waiting {
  #form;
  #line;
  #stop;
  #button = null;

  constructor(form) {
    this.#form = form;
    this.#line = form.querySelector("#upload-wait");
    this.#stop = form.querySelector("#stop-waiting");
    this.#stop.addEventListener("click", () => {
      const button = this.#button;
      this.#end("");
      button.focus();
    });
  }

  begin(button, underway) {
    this.#button = button;
    this.#stop.hidden = false;
    this.show(underway);
  }

  show(underway) {
    if (!this.#button || underway.length === 0) return;
    const { waits, waitsNow, waitsQueue, waitsTime } = this.#button.dataset;
    const promise = waits ?? { now: waitsNow, queue: waitsQueue, time: waitsTime }[this.#form.elements.when.value];
    const what = underway.length === 1 ? `${underway[0].name} is` : `${underway.length} files are`;
    const percent = Math.floor(underway.reduce((sum, each) => sum + each.percent, 0) / underway.length);
    this.#say(`${promise} as soon as ${what} here (${percent}%).`);
  }

  fail(name) {
    if (this.#button) this.#end(`Nothing was sent: “${name}” wasn't uploaded.`);
  }

  // The button that has waited long enough, if any.
  release() {
    const button = this.#button;
    if (button) this.#end("");
    return button;
  }

  #end(sentence) {
    this.#button = null;
    this.#stop.hidden = true;
    this.#say(sentence);
  }

  #say(sentence) {
    if (this.#line.textContent !== sentence) this.#line.textContent = sentence;
  }
}
