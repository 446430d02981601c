// The chosen look, before the first paint: src/field/look.ts has the reasons and uses the same function.
window.showLook = function (look) {
  var parts = look.split('.')
  var root = document.documentElement
  var ground = { light: '#f5f3ee', dark: '#10171d', sun: '#ffffff' }[parts[1]]
  root.dataset.size = parts[0]
  root.dataset.theme = parts[1]
  root.toggleAttribute('data-elder', parts[2] === 'elder')
  document.querySelectorAll('meta[name=theme-color]').forEach(function (meta) {
    meta.dataset.own = meta.dataset.own || meta.content
    meta.content = ground || meta.dataset.own
  })
}
;(function (kept) {
  if (kept) window.showLook(kept[1])
})(/(?:^|; )gi-look=([a-z.]+)/.exec(document.cookie))
