// <input data-tags list="…"> takes names separated by commas: its list completes the last one, behind those before it.
for (const input of document.querySelectorAll("input[data-tags]")) {
  const names = [...(input.list?.options ?? [])].map((option) => option.value);
  input.addEventListener("input", () => {
    const end = input.value.lastIndexOf(",") + 1;
    const typed = input.value.slice(0, end).split(",").map((name) => name.trim()).filter(Boolean);
    const taken = new Set(typed.map((name) => name.toLowerCase()));
    const before = typed.map((name) => `${name}, `).join("");
    const options = names.filter((name) => !taken.has(name.toLowerCase())).map((name) => new Option("", before + name));
    input.list?.replaceChildren(...options);
  });
}
