// All that the form holds, without what is no part of the pin: files go by uploads of their own, and a script names its
// action itself.
const NOT_TYPED = ["csrfmiddlewaretoken", "action"];

export function typedIn(form) {
  const fields = [...new FormData(form)];
  return new URLSearchParams(fields.filter(([name, value]) => typeof value === "string" && !NOT_TYPED.includes(name)));
}
