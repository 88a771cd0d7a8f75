// Copyright (c) The terraform-provider-clb authors
// SPDX-License-Identifier: MPL-2.0

// Command plot draws what the command fleet has measured: calls and seconds of a plan
// without a change and of the creation, over the number of load balancers.
//
//	go run . ../result.json ../result.svg
package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"image/color"
	"os"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
	"gonum.org/v1/plot/vg/vgsvg"
)

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "plot:", err)
		os.Exit(1)
	}
}

// result is the part of the results that is drawn.
type result struct {
	Sizes []struct {
		N                int
		Provider, Replay []phase
	}
}

type phase struct {
	Name    string
	Calls   map[string]int
	Seconds float64
}

func (p phase) calls() float64 {
	total := 0
	for _, n := range p.Calls {
		total += n
	}
	return float64(total)
}

func (p phase) seconds() float64 { return p.Seconds }

// line is one of a picture.
type line struct {
	label  string
	color  color.Color
	dashed bool
	points plotter.XYs
}

func run(arguments []string) error {
	if len(arguments) != 2 {
		return errors.New("name the file with the results and the one with the picture")
	}
	text, err := os.ReadFile(arguments[0])
	if err != nil {
		return err
	}
	var r result
	if err := json.Unmarshal(text, &r); err != nil {
		return fmt.Errorf("%s: %w", arguments[0], err)
	}
	calls, err := picture("calls of AWS", r.lines(phase.calls))
	if err != nil {
		return err
	}
	seconds, err := picture("seconds", r.lines(phase.seconds))
	if err != nil {
		return err
	}
	canvas := vgsvg.New(22*vg.Centimeter, 9*vg.Centimeter)
	tiles := draw.Tiles{Rows: 1, Cols: 2, PadX: 6 * vg.Millimeter, PadTop: 2 * vg.Millimeter, PadBottom: 2 * vg.Millimeter, PadLeft: 2 * vg.Millimeter, PadRight: 4 * vg.Millimeter}
	for i, row := range plot.Align([][]*plot.Plot{{calls, seconds}}, tiles, draw.New(canvas))[0] {
		[]*plot.Plot{calls, seconds}[i].Draw(row)
	}
	file, err := os.Create(arguments[1])
	if err != nil {
		return err
	}
	_, err = canvas.WriteTo(file)
	return errors.Join(err, file.Close())
}

// lines are the provider and the replay, in both phases.
func (r result) lines(value func(phase) float64) []line {
	ours, peer := color.RGBA{R: 0, G: 90, B: 181, A: 255}, color.RGBA{R: 220, G: 50, B: 32, A: 255}
	lines := []line{
		{label: "clb, plan without a change", color: ours},
		{label: "hashicorp/aws (replay), plan", color: peer},
		{label: "clb, create", color: ours, dashed: true},
		{label: "hashicorp/aws (replay), create", color: peer, dashed: true},
	}
	for _, size := range r.Sizes {
		for i, name := range []string{"plan without a change", "create"} {
			for j, phases := range [][]phase{size.Provider, size.Replay} {
				for _, p := range phases {
					if p.Name == name && value(p) > 0 {
						at := &lines[2*i+j]
						at.points = append(at.points, plotter.XY{X: float64(size.N), Y: value(p)})
					}
				}
			}
		}
	}
	return lines
}

// picture draws lines on logarithmic axes.
func picture(title string, lines []line) (*plot.Plot, error) {
	p := plot.New()
	p.Title.Text = title
	p.X.Label.Text = "load balancers"
	p.X.Scale, p.Y.Scale = plot.LogScale{}, plot.LogScale{}
	p.X.Tick.Marker, p.Y.Tick.Marker = plot.LogTicks{Prec: -1}, plot.LogTicks{Prec: -1}
	p.Legend.Top, p.Legend.Left = true, true
	p.Legend.Padding = vg.Points(3)
	p.Add(plotter.NewGrid())
	for _, l := range lines {
		if len(l.points) == 0 {
			continue
		}
		drawn, dots, err := plotter.NewLinePoints(l.points)
		if err != nil {
			return nil, err
		}
		drawn.Color, dots.Color, dots.Shape, dots.Radius = l.color, l.color, draw.CircleGlyph{}, vg.Points(2)
		if l.dashed {
			drawn.Dashes = []vg.Length{vg.Points(4), vg.Points(3)}
		}
		p.Add(drawn, dots)
		p.Legend.Add(l.label, drawn)
	}
	// The room of two decades is for the legend.
	p.Y.Max *= 100
	return p, nil
}
