# frozen_string_literal: true

# The ratios as a picture: a line a row, a dot a mode, on a logarithmic scale.

require_relative 'report'

PLOT = { left: 290, width: 540, top: 76, line: 20 }.freeze
PLOT_RANGE = [1 / 32.0, 4.0].freeze # what lies outside is put at the edge, with its figure
PLOT_LINES = { 1.0 => 'Linux', 0.25 => 'a quarter' }.freeze

PLOT_STYLE = <<~CSS
  text { font: 13px sans-serif; fill: #222 }
  .paper { fill: #fff }
  .title { font-size: 16px; font-weight: bold }
  .row { stroke: #e2e2e2 }
  .line { stroke: #888; stroke-dasharray: 4 3 }
  .instructions { fill: #0b66c3 }
  .wall { fill: none; stroke: #d9480f; stroke-width: 2 }
  .small { font-size: 11px; fill: #888 }
  @media (prefers-color-scheme: dark) {
    text { fill: #ddd }
    .paper { fill: #16181c }
    .row { stroke: #33373d }
    .instructions { fill: #5aa9f5 }
    .wall { stroke: #ff8c5a }
  }
CSS

def plot_x(value)
  low, high = PLOT_RANGE.map { |v| Math.log(v) }
  share = (Math.log(value.clamp(*PLOT_RANGE)) - low) / (high - low)
  (PLOT[:left] + share * PLOT[:width]).round(1)
end

def plot_text(x, y, text, anchor: 'start', style: '')
  escaped = text.to_s.gsub('&', '&amp;').gsub('<', '&lt;')
  %(<text class="#{style}" x="#{x}" y="#{y}" text-anchor="#{anchor}">#{escaped}</text>)
end

def plot_dot(mode, x, y)
  %(<circle class="#{mode}" cx="#{x}" cy="#{y}" r="#{mode == 'wall' ? 5 : 4.5}"/>)
end

def plot_legend
  x = PLOT[:left]
  [plot_text(20, 26, 'Cor beside Linux 6.1 in the same QEMU: less is better', style: 'title'),
   plot_dot('instructions', x + 5, 44), plot_text(x + 16, 48, 'executed instructions'),
   plot_dot('wall', x + 175, 44), plot_text(x + 186, 48, 'time')]
end

def plot_scale(bottom)
  powers = (Math.log2(PLOT_RANGE[0]).to_i..Math.log2(PLOT_RANGE[1]).to_i)
  labels = powers.map do |power|
    plot_text(plot_x(2.0**power), bottom + 16, power.negative? ? "1/#{2**-power}" : 2**power,
              anchor: 'middle')
  end
  labels + PLOT_LINES.flat_map do |value, text|
    x = plot_x(value)
    [%(<line class="line" x1="#{x}" x2="#{x}" y1="#{PLOT[:top] - 10}" y2="#{bottom}"/>),
     plot_text(x, PLOT[:top] - 14, text, anchor: 'middle', style: 'small')]
  end
end

def plot_ratio(mode, ratio, y)
  x = plot_x(ratio)
  return [plot_dot(mode, x, y)] if ratio.between?(*PLOT_RANGE)

  text = ratio < 1 ? format('1/%.0f', 1 / ratio) : format('%.1f', ratio)
  x_text, anchor = ratio < 1 ? [x + 10, 'start'] : [x - 10, 'end']
  [plot_dot(mode, x, y), plot_text(x_text, y + 4, text, anchor: anchor, style: 'small')]
end

def plotted_ratio(mode, figures)
  ratio(figures, mode == 'wall' ? LEAST : MEDIAN)
end

def plot_row(name, modes, y)
  left = PLOT[:left]
  ratios = modes.to_h { |mode, rows| [mode, rows[name] && plotted_ratio(mode, rows[name])] }.compact
  dots = ratios.flat_map { |mode, value| plot_ratio(mode, value, y) }
  dots = [plot_text(left + 8, y + 4, 'not there', style: 'small')] if dots.empty?
  [%(<line class="row" x1="#{left}" x2="#{left + PLOT[:width]}" y1="#{y}" y2="#{y}"/>),
   plot_text(left - 10, y + 4, row_texts[name], anchor: 'end'), *dots]
end

def plot(modes)
  names = modes.values.flat_map(&:keys).uniq
  bottom = PLOT[:top] + names.size * PLOT[:line]
  width = PLOT[:left] + PLOT[:width] + 30
  rows = names.each_with_index.flat_map do |name, i|
    plot_row(name, modes, PLOT[:top] + i * PLOT[:line])
  end
  <<~SVG
    <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 #{width} #{bottom + 30}">
    <style>
    #{PLOT_STYLE}</style>
    <rect class="paper" width="100%" height="100%"/>
    #{[*plot_legend, *plot_scale(bottom), *rows].join("\n")}
    </svg>
  SVG
end
