// Turns the select of boards into a combobox that searches as one types (ARIA 1.2). The select stays and holds the value:
// what is chosen here is written there, and "Refresh boards" may replace both.
// Of the list at its longest, and what may stand below it.
const ROOM = 340;
const normalise = (text) => text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();

function element(tag, className, attributes = {}) {
  const made = document.createElement(tag);
  made.className = className;
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  return made;
}

function enhance(select) {
  const picker = select.closest("#board-picker");
  const boards = [...select.options]
    .filter((option) => option.value)
    .map((option, index) => {
      const { name, account, privacy, distinction } = option.dataset;
      const label = distinction ? `${name} · ${distinction}` : name; // of two boards of one name, which one
      const item = element("li", "combobox__option", { role: "option", id: `board-option-${index}` });
      const detail = element("span", "combobox__detail");
      detail.textContent = `${account} · ${privacy}`;
      const words = element("bdi", "");
      words.textContent = label;
      item.append(words, " ", detail);
      return { value: option.value, label, item, words: normalise(`${label} ${account}`) };
    });

  const box = element("div", "combobox");
  const input = element("input", "", {
    type: "text",
    dir: "auto",
    id: "board-search",
    role: "combobox",
    autocomplete: "off",
    spellcheck: "false",
    placeholder: "Search boards",
    "aria-autocomplete": "list",
    "aria-controls": "board-list",
    "aria-expanded": "false",
  });
  for (const name of ["aria-invalid", "aria-describedby"]) {
    if (select.hasAttribute(name)) input.setAttribute(name, select.getAttribute(name));
  }
  const list = element("ul", "combobox__list", { id: "board-list", role: "listbox", "aria-label": "Boards" });
  const none = element("p", "combobox__list combobox__none");
  const found = element("p", "visually-hidden", { role: "status" });
  none.textContent = "No matching boards. Refresh boards if yours is new.";
  list.hidden = none.hidden = true;
  box.append(input, list, none, found);
  select.after(box);
  select.hidden = true;
  picker.querySelector("label").htmlFor = input.id;

  let shown = [];
  let active = -1;

  const chosen = () => boards.find((board) => board.value === select.value);
  const isOpen = () => !list.hidden || !none.hidden;

  function activate(index) {
    shown[active]?.item.classList.remove("combobox__option--active");
    active = index;
    const board = shown[active];
    if (!board) {
      input.removeAttribute("aria-activedescendant");
      return;
    }
    board.item.classList.add("combobox__option--active");
    board.item.scrollIntoView({ block: "nearest" });
    input.setAttribute("aria-activedescendant", board.item.id);
  }

  // Upwards where there is no room below.
  function place() {
    const { top, bottom } = input.getBoundingClientRect();
    const isAbove = window.innerHeight - bottom < ROOM && top > window.innerHeight - bottom;
    for (const part of [list, none]) part.classList.toggle("combobox__list--above", isAbove);
  }

  function open(query) {
    place();
    const words = normalise(query).split(/\s+/).filter(Boolean);
    activate(-1);
    shown = boards.filter((board) => words.every((word) => board.words.includes(word)));
    list.replaceChildren(...shown.map((board) => board.item));
    for (const board of shown) board.item.setAttribute("aria-selected", String(board.value === select.value));
    list.hidden = shown.length === 0;
    none.hidden = shown.length > 0;
    found.textContent = shown.length === 1 ? "1 board" : `${shown.length} boards`;
    input.setAttribute("aria-expanded", String(!list.hidden));
  }

  function close() {
    list.hidden = none.hidden = true;
    found.textContent = "";
    input.setAttribute("aria-expanded", "false");
    activate(-1);
  }

  function choose(value) {
    const isNew = select.value !== value;
    select.value = value;
    input.value = chosen()?.label ?? "";
    close();
    if (isNew) select.dispatchEvent(new Event("change", { bubbles: true }));
  }

  const keys = {
    ArrowDown() {
      if (!isOpen()) open("");
      activate(active + 1 < shown.length ? active + 1 : 0);
    },
    ArrowUp() {
      if (!isOpen()) open("");
      activate(active > 0 ? active - 1 : shown.length - 1);
    },
    Home: () => isOpen() && activate(0),
    End: () => isOpen() && activate(shown.length - 1),
    Enter() {
      if (!isOpen()) return false; // then it is the form's key
      const board = shown[active] ?? (shown.length === 1 ? shown[0] : undefined);
      if (board) choose(board.value);
      return true;
    },
    Escape() {
      if (isOpen()) choose(select.value);
      else choose("");
    },
  };

  input.addEventListener("keydown", (event) => {
    if (event.isComposing || event.altKey || event.ctrlKey || event.metaKey || !(event.key in keys)) return;
    if (keys[event.key]() !== false) event.preventDefault();
  });
  input.addEventListener("input", (event) => {
    event.stopPropagation(); // the search is no content of the form
    open(input.value);
    if (shown.length > 0 && input.value) activate(0);
  });
  input.addEventListener("click", () => (isOpen() ? close() : open("")));
  input.addEventListener("focus", () => input.select());
  input.addEventListener("blur", () => choose(input.value ? select.value : ""));
  list.addEventListener("pointerdown", (event) => event.preventDefault()); // keeps the focus, so no blur before the click
  list.addEventListener("click", (event) => {
    const item = event.target.closest("[role=option]");
    const board = boards.find((each) => each.item === item);
    if (board) choose(board.value);
  });

  const showChosen = () => {
    input.value = chosen()?.label ?? "";
  };
  showChosen();
  window.addEventListener("pageshow", showChosen); // "Back" brings the select's value back after the page is made
}

function enhanceAll() {
  const select = document.querySelector("#id_board:not([hidden])");
  if (select) enhance(select);
}

enhanceAll();
document.addEventListener("htmx:afterSettle", (event) => {
  enhanceAll();
  // The button that was pressed is gone with the old list.
  if (event.target.id === "board-picker") document.querySelector("#refresh-boards").focus();
});
