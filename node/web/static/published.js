// The draft has become a published record; the browser's copy is no longer needed.

localStorage.removeItem("tidan-utkast-ny");
