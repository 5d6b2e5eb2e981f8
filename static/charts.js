// Draws the charts of a page with ECharts, loaded only where a chart stands. The exact numbers are in the table beside it;
// here they are divided for drawing and for tooltips only.

const loaded = new Map()
const drawn = new Map()

function load (source) {
  if (!loaded.has(source)) {
    loaded.set(source, new Promise((resolve, reject) => {
      const script = document.createElement('script')
      script.src = source
      script.onload = () => resolve(window.echarts)
      script.onerror = () => reject(new Error(`${source} could not be loaded`))
      document.head.append(script)
    }))
  }
  return loaded.get(source)
}

const token = name => getComputedStyle(document.documentElement).getPropertyValue(name).trim()

function colours () {
  return ['--bar', '--bar-over', '--violet', '--warning', '--teal', '--danger'].map(token)
}

// Numbers in the reader's locale.
function formats (data) {
  const { unit, currency, language } = data
  const options = unit === 'money' ? { style: 'currency', currency } : unit === 'rate' ? { style: 'percent', maximumFractionDigits: 2 } : {}
  const short = unit === 'rate' ? { style: 'percent', maximumFractionDigits: 1 } : { ...options, notation: 'compact', maximumFractionDigits: 1, minimumFractionDigits: 0 }
  const exact = new Intl.NumberFormat(language, options)
  const brief = new Intl.NumberFormat(language, short)
  return { exact: value => (value == null ? '–' : exact.format(value)), brief: value => brief.format(value) }
}

const scaled = (data, series) => series.values.map(value => (value == null ? null : value / data.divisor))

function axisStyle () {
  return {
    axisLine: { lineStyle: { color: token('--line-strong') } },
    axisTick: { show: false },
    axisLabel: { color: token('--ink-3'), fontSize: 12, hideOverlap: true },
    splitLine: { lineStyle: { color: token('--line') } }
  }
}

function base (data) {
  const { brief, exact } = formats(data)
  const number = { type: 'value', ...axisStyle(), axisLine: { show: false }, axisLabel: { ...axisStyle().axisLabel, formatter: brief } }
  const category = { type: 'category', data: data.categories, ...axisStyle(), splitLine: { show: false }, inverse: data.horizontal }
  if (!data.horizontal && data.categories.length <= 8) category.axisLabel = { ...category.axisLabel, fontSize: 11, interval: 0 }
  if (data.kind === 'attainment') number.max = range => (range.max < 1.2 ? 1.2 : undefined)
  if (data.horizontal) category.axisLabel = { ...category.axisLabel, width: 110, overflow: 'truncate' }
  const legend = data.series.filter(each => !['low', 'high'].includes(each.role)).length > 1
  return {
    color: colours(),
    textStyle: { fontFamily: getComputedStyle(document.body).fontFamily },
    animation: !window.matchMedia('(prefers-reduced-motion: reduce)').matches,
    animationDuration: 300,
    aria: { enabled: true, decal: { show: data.kind === 'stacked' || (legend && data.kind === 'bar') } },
    grid: { left: 8, right: 16, top: legend ? 36 : 16, bottom: 8, outerBoundsMode: 'same', outerBoundsContain: 'axisLabel' },
    legend: { show: legend, top: 0, left: 0, icon: 'roundRect', itemWidth: 12, itemHeight: 12, textStyle: { color: token('--ink-2'), fontSize: 12 } },
    tooltip: {
      trigger: 'axis',
      renderMode: 'richText',
      confine: true,
      axisPointer: { type: data.kind === 'line' || data.kind === 'band' ? 'line' : 'shadow', lineStyle: { color: token('--line-strong') }, shadowStyle: { color: token('--ink'), opacity: 0.05 } },
      backgroundColor: token('--surface'),
      borderColor: token('--line-strong'),
      textStyle: { color: token('--ink'), fontSize: 12 },
      valueFormatter: exact
    },
    xAxis: data.horizontal ? number : category,
    yAxis: data.horizontal ? category : number
  }
}

const rounded = data => (data.horizontal ? [0, 3, 3, 0] : [3, 3, 0, 0])

function bars (data, stack) {
  return data.series.map((each, index) => ({
    name: each.name,
    type: each.role === 'line' ? 'line' : 'bar',
    stack: stack && each.role !== 'line' ? 'all' : undefined,
    data: scaled(data, each),
    barMaxWidth: 36,
    itemStyle: { borderRadius: stack && index < data.series.length - 1 ? 0 : rounded(data) }
  }))
}

function lines (data) {
  return data.series.filter(each => !['low', 'high'].includes(each.role)).map((each, index) => ({
    name: each.name,
    type: 'line',
    data: scaled(data, each),
    symbol: ['circle', 'rect', 'triangle', 'diamond'][index % 4],
    symbolSize: 6,
    showSymbol: data.categories.length <= 16,
    itemStyle: { color: colours()[index % 6] },
    lineStyle: { width: 2, color: colours()[index % 6], type: ['solid', 'dashed', 'dotted'][index % 3] }
  }))
}

// The range between low and high: an invisible line, and the difference stacked on it as an area.
function band (data) {
  const low = data.series.find(each => each.role === 'low')
  const high = data.series.find(each => each.role === 'high')
  if (!low || !high) return lines(data)
  const floor = scaled(data, low)
  const span = scaled(data, high).map((value, index) => (value == null || floor[index] == null ? null : value - floor[index]))
  const quiet = { type: 'line', stack: 'range', symbol: 'none', lineStyle: { opacity: 0 }, tooltip: { show: false }, silent: true }
  return [
    { ...quiet, data: floor },
    { ...quiet, data: span, areaStyle: { color: token('--band'), opacity: 0.45 } },
    ...lines(data)
  ]
}

function withRangeTooltip (option, data) {
  const low = data.series.find(each => each.role === 'low')
  const high = data.series.find(each => each.role === 'high')
  if (!low || !high) return option
  const { exact } = formats(data)
  const rows = { low: scaled(data, low), high: scaled(data, high) }
  option.tooltip.formatter = items => {
    const at = items[0].dataIndex
    const named = items.filter(item => item.seriesName && !item.seriesName.startsWith('series\0'))
    const range = rows.low[at] == null ? [] : [`${data.words.range}  ${exact(rows.low[at])} – ${exact(rows.high[at])}`]
    return [items[0].axisValueLabel, ...named.map(item => `${item.marker} ${item.seriesName}  ${exact(item.value)}`), ...range].join('\n')
  }
  return option
}

function attainment (data) {
  const [series] = data.series
  const values = scaled(data, series)
  const edges = (data.edges ?? []).map(edge => ({ [data.horizontal ? 'xAxis' : 'yAxis']: edge / data.divisor, lineStyle: { type: 'dotted', color: token('--ink-3') } }))
  const goal = { [data.horizontal ? 'xAxis' : 'yAxis']: 1, lineStyle: { type: 'solid', width: 1.5, color: token('--ink') } }
  return [{
    name: series.name,
    type: 'bar',
    barMaxWidth: 22,
    data: values.map(value => ({ value, itemStyle: { borderRadius: rounded(data), color: value >= 1 ? token('--bar-over') : token('--bar') } })),
    label: { show: data.categories.length <= 14, position: data.horizontal ? 'right' : 'top', color: token('--ink-2'), backgroundColor: token('--surface'), padding: [1, 3], fontSize: 11, formatter: item => (item.value == null ? '' : formats(data).brief(item.value)) },
    markLine: { silent: true, symbol: 'none', animation: false, label: { show: false }, data: [goal, ...edges] }
  }]
}

// Signed steps on an invisible base; with `total` the sum stands at the end.
function waterfall (data, option) {
  const steps = scaled(data, data.series[0]).map(value => value ?? 0)
  const base = []
  const shown = []
  let level = 0
  for (const step of steps) {
    base.push(Math.min(level, level + step))
    shown.push({ value: Math.abs(step), signed: step, itemStyle: { color: step < 0 ? token('--danger') : token('--bar'), borderRadius: 2, decal: step < 0 ? { symbol: 'rect', dashArrayX: [1, 0], dashArrayY: [3, 4], rotation: -Math.PI / 4, color: 'rgba(255,255,255,.45)' } : { symbol: 'none' } } })
    level += step
  }
  if (data.total) {
    const axis = data.horizontal ? option.yAxis : option.xAxis
    axis.data = [...data.categories, data.words.total]
    base.push(Math.min(0, level))
    shown.push({ value: Math.abs(level), signed: level, itemStyle: { color: token('--ink-3'), borderRadius: 2, decal: { symbol: 'none' } } })
  }
  const { exact, brief } = formats(data)
  option.tooltip.formatter = items => `${items[0].axisValueLabel}\n${exact(items.at(-1).data.signed)}`
  return [
    { type: 'bar', stack: 'all', data: base, itemStyle: { color: 'transparent', decal: { symbol: 'none' } }, emphasis: { disabled: true }, tooltip: { show: false }, silent: true },
    { name: data.series[0].name, type: 'bar', stack: 'all', data: shown, barMaxWidth: 44, label: { show: true, position: data.horizontal ? 'right' : 'top', color: token('--ink-2'), fontSize: 11, formatter: item => brief(item.data.signed) } }
  ]
}

// A funnel as bars in the order of the stages: lengths compare better than trapezoids.
function funnel (data) {
  const values = scaled(data, data.series[0])
  const { brief } = formats(data)
  const share = new Intl.NumberFormat(data.language, { style: 'percent', maximumFractionDigits: 0 })
  return [{
    name: data.series[0].name,
    type: 'bar',
    barMaxWidth: 26,
    data: values,
    itemStyle: { borderRadius: rounded(data) },
    label: { show: true, position: 'right', color: token('--ink-2'), fontSize: 11, formatter: item => (item.dataIndex && values[item.dataIndex - 1] ? `${brief(item.value)}  ${share.format(item.value / values[item.dataIndex - 1])}` : brief(item.value)) }
  }]
}

function optionOf (data) {
  if (data.kind === 'funnel') data.horizontal = true
  const option = base(data)
  const kinds = { bar: () => bars(data, false), stacked: () => bars(data, true), line: () => lines(data), band: () => band(data), attainment: () => attainment(data), waterfall: () => waterfall(data, option), funnel: () => funnel(data) }
  option.series = kinds[data.kind]()
  if ((data.kind === 'funnel' || data.kind === 'attainment' || data.kind === 'waterfall') && data.horizontal) option.grid.right = 72
  if (data.kind === 'funnel') option.xAxis.show = false
  return data.kind === 'band' ? withRangeTooltip(option, data) : option
}

async function draw (canvas) {
  if (drawn.has(canvas)) return
  const echarts = await load(canvas.dataset.source)
  const data = JSON.parse(canvas.parentElement.querySelector('[data-chart-data]').textContent)
  const chart = echarts.init(canvas, null, { renderer: 'canvas', locale: data.language.slice(0, 2).toUpperCase() === 'ZH' ? 'ZH' : 'EN' })
  chart.setOption(optionOf(data))
  drawn.set(canvas, { chart, data })
  new ResizeObserver(() => chart.resize()).observe(canvas)
}

function drawAll (within) {
  for (const canvas of within.querySelectorAll('[data-chart]')) {
    draw(canvas).catch(error => {
      console.error(error)
      canvas.hidden = true
      canvas.parentElement.querySelector('.as-table').open = true
    })
  }
}

function redraw () {
  for (const [canvas, { chart, data }] of drawn) {
    if (canvas.isConnected) chart.setOption(optionOf(data), { notMerge: true })
    else { chart.dispose(); drawn.delete(canvas) }
  }
}

document.addEventListener('themechange', () => requestAnimationFrame(redraw))
document.addEventListener('htmx:load', event => drawAll(event.detail.elt.parentElement ?? document))
drawAll(document)
