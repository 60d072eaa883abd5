// Requests of the composer's scripts. An answer that is no success is an Error whose message is a sentence for people.
export class Refusal extends Error {
  constructor(sentence, status) {
    super(sentence);
    this.status = status;
  }
}

// The cookie and not the form's field: after signing in again in another tab only the cookie's is good.
export function csrfToken() {
  const cookie = document.cookie.split("; ").find((each) => each.startsWith("csrftoken="));
  return cookie?.slice("csrftoken=".length) ?? document.querySelector("[name=csrfmiddlewaretoken]").value;
}

export async function ask(url, { body, ...options } = {}) {
  const method = body === undefined ? "GET" : "POST";
  const headers = { "X-Requested-With": "XMLHttpRequest", ...(body === undefined ? {} : { "X-CSRFToken": csrfToken() }) };
  const response = await fetch(url, { method, body, headers, ...options });
  if (response.ok) return response;
  const isSentence = response.headers.get("Content-Type")?.startsWith("text/plain");
  throw new Refusal(isSentence ? await response.text() : `The server answered ${response.status}.`, response.status);
}

export async function askForText(url, options) {
  const response = await ask(url, options);
  return response.text();
}
