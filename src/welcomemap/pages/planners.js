/* Mends what Streamlit's upload field lacks: words in the page's language, and a drop zone without
   a role that contradicts its label. It asks nothing and sends nothing. */
(function (words) {
  window.wmUploadWords = words;
  if (window.wmUploadMended) return;
  window.wmUploadMended = true;
  function mend() {
    document.querySelectorAll('[data-testid="stFileUploaderDropzone"]').forEach((zone) => {
      const said = window.wmUploadWords;
      const label = zone.getAttribute("aria-label") || zone.dataset.wmLabel;
      const field = zone.querySelector("input");
      if (label) zone.dataset.wmLabel = label;
      if (field && label && field.ariaLabel !== label) field.ariaLabel = label;
      zone.removeAttribute("tabindex");
      zone.removeAttribute("aria-label");
      const button = zone.querySelector("button");
      if (button && label && button.textContent.includes(said.choose)) {
        button.ariaLabel = said.choose + ": " + label;
      }
      zone.querySelectorAll("span, p, small, div").forEach((node) => {
        if (node.childElementCount) return;
        if (node.textContent === "Upload") node.textContent = said.choose;
        const size = /^([0-9]+)MB per file/.exec(node.textContent);
        if (size) node.textContent = said.most.replace("{n}", size[1]);
      });
    });
  }
  new MutationObserver(mend).observe(document.body, { childList: true, subtree: true });
  mend();
})(JSON.parse(document.currentScript.dataset.words));
