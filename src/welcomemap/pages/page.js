/* Tells the browser language and direction of the page, gives the framework's own link past the side
   bar the page's words, and tells no other site what stands in the page's address. */
(function (said) {
  document.documentElement.lang = said.lang;
  document.documentElement.dir = said.dir;
  if (!document.querySelector("meta[name=referrer]")) {
    const meta = document.createElement("meta");
    document.head.append(Object.assign(meta, { name: "referrer", content: "no-referrer" }));
  }
  const words = document.querySelector('a[href="#stMain"]')?.firstChild;
  if (words?.nodeType === Node.TEXT_NODE) words.data = said.skip;
})(JSON.parse(document.currentScript.dataset.words));
