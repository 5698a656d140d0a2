/* Small comforts for those who have JavaScript; every page works without them. */
(() => {
  "use strict";
  // The error summary takes the focus, so that a screen reader reads it first.
  document.querySelector("[data-focus]")?.focus();
  // A menu closes on Escape and on a click elsewhere.
  const menus = () => document.querySelectorAll("details.menu[open]");
  document.addEventListener("click", (event) => {
    menus().forEach((menu) => menu.contains(event.target) || menu.removeAttribute("open"));
  });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    menus().forEach((menu) => {
      menu.removeAttribute("open");
      menu.querySelector("summary").focus();
    });
  });
  // On a phone the filters fold away unless one is set; wider, they always stand there.
  const narrow = matchMedia("(max-width: 40rem)");
  const fold = () => document.querySelectorAll("details.fold").forEach((filters) => {
    filters.open = !narrow.matches || "set" in filters.dataset;
  });
  narrow.addEventListener("change", fold);
  fold();
  // "Use my place" stands only where the device can tell it, and fills the fields of the point.
  document.querySelectorAll("[data-locate]").forEach((button) => {
    if (!navigator.geolocation) return;
    const field = (name) => button.form.elements.namedItem(name);
    const said = button.nextElementSibling;
    button.hidden = false;
    button.addEventListener("click", () => {
      said.textContent = button.dataset.wait;
      navigator.geolocation.getCurrentPosition(({ coords }) => {
        field("lat").value = coords.latitude.toFixed(6);
        field("lon").value = coords.longitude.toFixed(6);
        field("accuracy_m").value = Math.ceil(coords.accuracy);
        field("source").value = "device";
        said.textContent = button.dataset.done;
      }, () => { said.textContent = button.dataset.failed; }, { enableHighAccuracy: true, timeout: 30000 });
    });
  });
  // A form that changes something is sent once.
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (form.method !== "post" || event.defaultPrevented) return;
    if (form.dataset.sent) return event.preventDefault();
    form.dataset.sent = "yes";
    setTimeout(() => delete form.dataset.sent, 5000);
  });
  document.addEventListener("click", (event) => {
    if (event.target.closest("[data-print]")) window.print();
  });
  // Lists that were kept on this phone go with the sign-out; where the sign-in page stands nobody is signed in.
  const leave = () => "caches" in window && caches.delete("csem-attendance");
  document.addEventListener("submit", (event) => {
    if (event.target.getAttribute("action") === "/sign-out") leave();
  });
  if (document.querySelector('form[action="/sign-in"]')) leave();
})();
