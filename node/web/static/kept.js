// What is on this page is kept on the node, so the copy in this browser is no longer needed.

const kept = document.querySelector("[data-draft-kept]").dataset.draftKept;
try { localStorage.removeItem(`tidan-utkast-${kept}`); } catch { /* then there is no copy */ }
