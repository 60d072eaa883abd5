// Requests of scripts. An answer that is no success is a RequestError whose message is a sentence for people.
export class RequestError extends Error {
  constructor(sentence, status, text = "") {
    super(sentence);
    Object.assign(this, { status, text });
  }
}

// The cookie and not the form's field: after signing in again in another tab only the cookie's is good.
export function csrfToken() {
  const cookie = document.cookie.split("; ").find((each) => each.startsWith("csrftoken="));
  return cookie?.slice("csrftoken=".length) ?? document.querySelector("[name=csrfmiddlewaretoken]").value;
}

export async function request(url, { body, ...options } = {}) {
  const method = body === undefined ? "GET" : "POST";
  const headers = { "X-Requested-With": "XMLHttpRequest", ...(body === undefined ? {} : { "X-CSRFToken": csrfToken() }) };
  const response = await fetch(url, { method, body, headers, ...options });
  if (response.ok) return response;
  const text = await response.text();
  const isSentence = response.headers.get("Content-Type")?.startsWith("text/plain");
  throw new RequestError(isSentence ? text : `The server returned ${response.status}.`, response.status, text);
}

export async function requestText(url, options) {
  const response = await request(url, options);
  return response.text();
}

export async function requestJson(url, options) {
  const response = await request(url, options);
  return response.json();
}
