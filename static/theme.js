// Sets the theme before the first paint. Runs in the head, before the stylesheets; spm.js does the rest.
(function () {
  var root = document.documentElement
  var dark = window.matchMedia('(prefers-color-scheme: dark)')

  function stored () {
    try { return window.localStorage.getItem('theme') || 'system' } catch (refused) { return 'system' }
  }

  function apply () {
    var choice = stored()
    root.dataset.themeChoice = choice
    root.setAttribute('data-bs-theme', choice === 'system' ? (dark.matches ? 'dark' : 'light') : choice)
    document.dispatchEvent(new CustomEvent('themechange'))
  }

  dark.addEventListener('change', apply)
  window.addEventListener('storage', apply)
  document.addEventListener('themeapply', apply)
  apply()
})()
