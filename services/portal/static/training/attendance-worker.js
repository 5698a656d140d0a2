/* Opens a kept attendance list where there is no line. Its reach is the folder it is served from, and of that it answers
   for the lists alone. It keeps what it was told to keep, until the moment it was told. */
"use strict";
const STORE = "csem-attendance";
const LIST = /^\/training\/sessions\/[0-9a-f-]{36}\/attendance$/;
const UNTIL = "X-Kept-Until";
const HOURS = "X-Kept-Hours";
const PATIENCE = 8000;
const found = (store, path) => store.match(path, { ignoreVary: true });

const forget = async (path) => {
  const store = await caches.open(STORE);
  if (path) await store.delete(path, { ignoreVary: true });
  const left = (await store.keys()).filter((request) => LIST.test(new URL(request.url).pathname));
  if (!path || !left.length) await caches.delete(STORE);
};

// The page, marked with the moment at which it was kept, so that it can say how old it is.
const put = async (path, answer, hours) => {
  const store = await caches.open(STORE);
  const text = (await answer.text()).replace("<body>", `<body data-kept="${Date.now()}">`);
  const until = Date.now() + hours * 3600000;
  const headers = { "Content-Type": "text/html; charset=utf-8", [UNTIL]: until, [HOURS]: hours };
  const policy = answer.headers.get("Content-Security-Policy");
  await store.put(path, new Response(text, { headers: policy ? { ...headers, "Content-Security-Policy": policy } : headers }));
  return until;
};

const kept = async (path) => {
  if (!await caches.has(STORE)) return undefined;
  const answer = await found(await caches.open(STORE), path);
  if (!answer) return undefined;
  if (Number(answer.headers.get(UNTIL)) > Date.now()) return answer;
  await forget(path);
  return undefined;
};

const keep = async ({ path, hours, parts }) => {
  const answer = await fetch(path, { credentials: "same-origin", redirect: "error" });
  if (!answer.ok) throw new Error(String(answer.status));
  const store = await caches.open(STORE);
  await store.addAll(parts);
  return put(path, answer, hours);
};

// The house is asked first. Who is signed out there, or may not see the list any more, has none on the phone either.
const list = async (request) => {
  const path = new URL(request.url).pathname;
  const here = await kept(path);
  if (!here) return fetch(request);
  let answer;
  try {
    answer = await Promise.race([
      fetch(request),
      new Promise((_, refuse) => { setTimeout(() => refuse(new Error("no line")), PATIENCE); }),
    ]);
  } catch {
    return here;
  }
  if (answer.status >= 500) return here;
  if (answer.type === "opaqueredirect") await forget();
  else if (answer.ok) await put(path, answer.clone(), Number(here.headers.get(HOURS)));
  else await forget(path);
  return answer;
};

const part = async (request) => {
  if (!await caches.has(STORE)) return fetch(request);
  return await found(await caches.open(STORE), request) || fetch(request);
};

const asked = { keep, forget: ({ path }) => forget(path), until: async ({ path }) => Number((await kept(path))?.headers.get(UNTIL) || 0) };

addEventListener("install", () => skipWaiting());
addEventListener("activate", (event) => event.waitUntil(clients.claim()));
addEventListener("message", (event) => {
  const [port] = event.ports;
  event.waitUntil(asked[event.data.wanted](event.data).then(
    (done) => port.postMessage({ done }),
    () => port.postMessage({ failed: true }),
  ));
});
addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== "GET" || url.origin !== location.origin) return;
  if (request.mode === "navigate" && LIST.test(url.pathname)) event.respondWith(list(request));
  else if (url.pathname.startsWith("/static/")) event.respondWith(part(request));
});
