// Draws accounts on a map and lets places be chosen by click and lasso. The table beside it has the same places and figures;
// its boxes are what is sent, so everything works without the map.

const canvas = document.querySelector('[data-map]')
const boxes = () => [...document.querySelectorAll('input[name="unit"]')]
const token = name => getComputedStyle(document.documentElement).getPropertyValue(name).trim()

function script (source) {
  return new Promise((resolve, reject) => {
    const made = document.createElement('script')
    made.src = source
    made.onload = resolve
    made.onerror = () => reject(new Error(`${source} could not be loaded`))
    document.head.append(made)
  })
}

const plain = name => name.toLowerCase().split(/\s+/).join(' ').replace(/ (county|parish|borough|census area|municipality)$/, '')

// The names by which a feature of the atlas may be called: its number, and for a county its state's number and its name.
function names (feature, level) {
  const id = String(feature.id ?? '')
  return level === 'COUNTY' ? [id, `${id.slice(0, 2)}|${plain(feature.properties.name)}`] : [id]
}

// The atlas of the US is drawn in points with y downwards; a map of ECharts has it upwards.
function turned (geometry) {
  const turn = part => (typeof part[0] === 'number' ? [part[0], -part[1]] : part.map(turn))
  return { ...geometry, coordinates: turn(geometry.coordinates) }
}

// A country that goes on beyond 180 degrees is drawn on in one piece, not across the whole map.
function whole (geometry) {
  const ring = points => {
    let shift = 0
    const found = points.map(([x, y], n) => {
      const step = n ? x - points[n - 1][0] : 0
      if (Math.abs(step) > 180) shift -= Math.sign(step) * 360
      return [x + shift, y]
    })
    const west = found.reduce((sum, each) => sum + each[0], 0) / found.length < -180
    return west ? found.map(([x, y]) => [x + 360, y]) : found
  }
  const coordinates = geometry.type === 'Polygon' ? geometry.coordinates.map(ring) : geometry.coordinates.map(each => each.map(ring))
  return { ...geometry, coordinates }
}

const ANTARCTICA = '010'

function features (atlas, level) {
  const object = { COUNTRY: 'countries', STATE: 'states', COUNTY: 'counties' }[level]
  const found = window.topojson.feature(atlas, atlas.objects[object]).features.filter(each => each.geometry && !(level === 'COUNTRY' && each.id === ANTARCTICA))
  return found.map((each, index) => ({
    ...each,
    geometry: level === 'COUNTRY' ? whole(each.geometry) : turned(each.geometry),
    properties: { ...each.properties, name: String(index), label: each.properties.name },
    names: names(each, level)
  }))
}

// The middle of the largest ring: where a lasso must reach for the place to be in it.
function middle (geometry) {
  const rings = geometry.type === 'Polygon' ? [geometry.coordinates[0]] : geometry.coordinates.map(each => each[0])
  const sized = rings.map(ring => {
    let area = 0; let x = 0; let y = 0
    for (let n = 0; n < ring.length - 1; n++) {
      const cross = ring[n][0] * ring[n + 1][1] - ring[n + 1][0] * ring[n][1]
      area += cross; x += (ring[n][0] + ring[n + 1][0]) * cross; y += (ring[n][1] + ring[n + 1][1]) * cross
    }
    return { size: Math.abs(area), at: area ? [x / (3 * area), y / (3 * area)] : ring[0] }
  })
  return sized.reduce((best, each) => (each.size > best.size ? each : best)).at
}

const PALETTE = ['#2f6bff', '#f08c00', '#0e9f63', '#c2255c', '#6741c9', '#0b7285', '#868e96', '#a9710b', '#d6336c', '#1098ad']

const colourOf = each => (each.colour < 0 ? token('--ink-3') : PALETTE[each.colour])

function formatter (data) {
  const style = data.isMoney ? { style: 'currency', currency: data.currency, maximumFractionDigits: 0 } : {}
  const number = new Intl.NumberFormat(document.documentElement.lang, style)
  return value => number.format(data.isMoney ? value / data.divisor : value)
}

function optionOf (data, drawn, chosen) {
  const byUnit = data.measure === 'territory'
  const say = formatter(data)
  const largest = Math.max(1, ...data.units.map(each => each.value ?? 0))
  return {
    animation: false,
    textStyle: { fontFamily: getComputedStyle(document.body).fontFamily },
    tooltip: {
      trigger: 'item',
      renderMode: 'richText',
      confine: true,
      backgroundColor: token('--surface'),
      borderColor: token('--line-strong'),
      textStyle: { color: token('--ink'), fontSize: 12 },
      formatter: item => {
        const place = drawn[Number(item.name)]
        const unit = place?.unit
        return unit ? `${unit.name}\n${unit.held}\n${byUnit ? data.words.accounts + ' ' : ''}${say(unit.value)}` : `${place?.label ?? ''}\n${data.words.none}`
      }
    },
    toolbox: { show: false },
    visualMap: byUnit
      ? { type: 'piecewise', show: false, seriesIndex: 0, dimension: 0, pieces: data.legend.map(each => ({ value: each.colour, color: colourOf(each) })) }
      : { type: 'continuous', seriesIndex: 0, min: 0, max: largest, orient: 'horizontal', left: 'center', bottom: 0, itemHeight: 120, itemWidth: 10, calculable: false, text: [say(largest), say(0)], textStyle: { color: token('--ink-2'), fontSize: 12 }, inRange: { color: [token('--band'), token('--bar')] } },
    geo: {
      map: data.level,
      roam: 'move',
      zoom: optionOf.zoom,
      left: 8, right: 8, top: 8, bottom: byUnit ? 8 : 40,
      ...(data.level === 'COUNTRY' ? {} : { aspectScale: 1 }),
      regions: drawn.filter(each => each.unit && chosen.has(each.unit.key)).map(each => ({ name: String(each.index), itemStyle: { borderColor: token('--ink'), borderWidth: 2.5 } })),
      selectedMode: false,
      itemStyle: { areaColor: token('--bar-track'), borderColor: token('--surface'), borderWidth: data.level === 'COUNTY' ? 0.3 : 0.7 },
      emphasis: { label: { show: false }, itemStyle: { areaColor: token('--line-strong') } }
    },
    brush: { toolbox: [], geoIndex: 0, seriesIndex: 1, transformable: false, outOfBrush: { colorAlpha: 1 }, brushStyle: { color: 'rgba(47,107,255,.15)', borderColor: token('--bar'), borderWidth: 1.5 } },
    series: [
      {
        type: 'map',
        geoIndex: 0,
        data: drawn.filter(each => each.unit).map(each => ({
          name: String(each.index),
          value: byUnit ? each.unit.colour : each.unit.value,
          emphasis: { label: { show: false } }
        }))
      },
      { type: 'scatter', coordinateSystem: 'geo', symbolSize: 6, silent: true, itemStyle: { color: token('--ink'), opacity: 0 }, data: drawn.filter(each => each.unit).map(each => [...each.at, each.index]) }
    ]
  }
}

function choose (keys, on) {
  for (const box of boxes()) if (keys.has(box.value)) box.checked = on ?? !box.checked
  changed()
}

function changed () {
  const count = document.querySelector('[data-map-count]')
  if (count) count.textContent = boxes().filter(each => each.checked).length
  document.dispatchEvent(new Event('mapchange'))
}

function legend (data) {
  const list = document.querySelector('[data-map-legend]')
  list.replaceChildren(...(data.measure === 'territory' ? data.legend : []).map(each => {
    const item = document.createElement('li')
    const swatch = document.createElement('span')
    swatch.style.background = colourOf(each)
    item.append(swatch, each.name)
    return item
  }))
}

function unplaced (data, drawn) {
  const placed = new Set(drawn.filter(each => each.unit).map(each => each.unit.key))
  const lost = data.units.filter(each => !placed.has(each.key))
  const place = document.querySelector('[data-map-unplaced]')
  place.hidden = !lost.length
  place.querySelector('span').textContent = lost.map(each => each.name).join('; ')
}

async function start () {
  await Promise.all([script(canvas.dataset.echarts), script(canvas.dataset.topojson)])
  const atlas = await (await fetch(canvas.dataset.atlas)).json()
  const data = JSON.parse(document.getElementById('map-data').textContent)
  const found = features(atlas, data.level)
  const called = new Map(data.units.flatMap(unit => unit.atlas.map(name => [name, unit])))
  const drawn = found.map((each, index) => ({ index, label: each.properties.label, at: middle(each.geometry), unit: each.names.map(name => called.get(name)).find(Boolean) }))
  window.echarts.registerMap(data.level, { type: 'FeatureCollection', features: found })
  const chart = window.echarts.init(canvas, null, { renderer: 'canvas' })
  const chosen = () => new Set(boxes().filter(each => each.checked).map(each => each.value))
  const draw = () => chart.setOption(optionOf(data, drawn, chosen()), { notMerge: false })
  draw()
  legend(data)
  unplaced(data, drawn)
  tools(chart, drawn)
  chart.on('click', item => { const unit = drawn[Number(item.name)]?.unit; if (unit && boxes().length) choose(new Set([unit.key])) })
  document.addEventListener('mapchange', draw)
  document.addEventListener('themechange', () => requestAnimationFrame(draw))
  new ResizeObserver(() => chart.resize()).observe(canvas)
}

function tools (chart, drawn) {
  const bar = document.querySelector('[data-map-tools]')
  const lasso = bar.querySelector('[data-map-lasso]')
  bar.hidden = false
  const arm = on => {
    lasso.setAttribute('aria-pressed', String(on))
    lasso.classList.toggle('active', on)
    chart.dispatchAction({ type: 'takeGlobalCursor', key: 'brush', brushOption: { brushType: on ? 'polygon' : false, brushMode: 'single' } })
  }
  lasso?.addEventListener('click', () => arm(lasso.getAttribute('aria-pressed') !== 'true'))
  bar.querySelector('[data-map-clear]')?.addEventListener('click', () => choose(new Set(boxes().map(each => each.value)), false))
  for (const button of bar.querySelectorAll('[data-map-zoom]')) {
    button.addEventListener('click', () => {
      optionOf.zoom = Math.min(12, Math.max(1, (chart.getOption().geo[0].zoom ?? 1) * Number(button.dataset.mapZoom)))
      chart.setOption({ geo: { zoom: optionOf.zoom } })
    })
  }
  let inside = []
  chart.on('brushSelected', event => { inside = event.batch[0]?.selected.find(each => each.seriesIndex === 1)?.dataIndex ?? [] })
  chart.on('brushEnd', () => {
    const units = drawn.filter(each => each.unit)
    const keys = new Set(inside.map(index => units[index].unit.key))
    chart.dispatchAction({ type: 'brush', areas: [] })
    arm(false)
    choose(keys, true)
  })
}

document.addEventListener('change', event => { if (event.target.matches?.('input[name="unit"]')) changed() })
if (canvas) {
  start().catch(error => {
    console.error(error)
    canvas.hidden = true
  })
}
