// Applies the remembered colours before the first paint; a module would come too late.
// Loaded by every page; elements/theme-switch.js writes what is read here.
{
  let theme = null;
  try {
    theme = localStorage.getItem("theme");
  } catch {
    // Storage may be forbidden; then the system decides.
  }
  if (theme === "light" || theme === "dark") document.documentElement.dataset.theme = theme;
}
