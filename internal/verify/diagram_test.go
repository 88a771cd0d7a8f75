// Copyright (c) The terraform-provider-clb authors
// SPDX-License-Identifier: MPL-2.0

package verify

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/terraform-clb/terraform-provider-clb/internal/packet"
)

// parsedDiagram is what the Mermaid parser makes of a diagram.
type parsedDiagram struct {
	Error string
	Type  string
	Nodes []struct {
		ID, Label string
		Classes   []string
	}
	Edges []struct {
		From, To, Label string
		Style           []string
	}
}

func (d parsedDiagram) label(id string) string {
	for _, node := range d.Nodes {
		if node.ID == id {
			return node.Label
		}
	}
	return ""
}

// edges are "from -> to: label", those alone that are drawn in a style.
func (d parsedDiagram) edges(style string) []string {
	var all []string
	for _, e := range d.Edges {
		if slices.Contains(e.Style, style) {
			all = append(all, fmt.Sprintf("%s -> %s: %s", e.From, e.To, e.Label))
		}
	}
	return all
}

// parseMermaid lets the Mermaid parser read diagrams, all in one run of node.
func parseMermaid(t *testing.T, diagrams []string) []parsedDiagram {
	t.Helper()
	folder := filepath.Join("testdata", "mermaid")
	missing := func(why string) {
		t.Helper()
		if os.Getenv("CI") == "true" {
			t.Fatal(why)
		}
		t.Skip(why)
	}
	node, err := exec.LookPath("node")
	if err != nil {
		missing("node is missing: install Node.js 20 or later to have diagrams parsed")
	}
	if _, err := os.Stat(filepath.Join(folder, "node_modules", "mermaid")); err != nil {
		missing("the Mermaid parser is missing: run  make mermaid")
	}
	input, err := json.Marshal(diagrams)
	if err != nil {
		t.Fatal(err)
	}
	var stdout, stderr bytes.Buffer
	command := exec.CommandContext(t.Context(), node, "parse.mjs")
	command.Dir, command.Stdin, command.Stdout, command.Stderr = folder, bytes.NewReader(input), &stdout, &stderr
	if err := command.Run(); err != nil {
		t.Fatalf("%v: %s", err, stderr.String())
	}
	var parsed []parsedDiagram
	if err := json.Unmarshal(stdout.Bytes(), &parsed); err != nil {
		t.Fatalf("%v: %s", err, stdout.String())
	}
	if len(parsed) != len(diagrams) {
		t.Fatalf("%d diagrams parsed, want %d", len(parsed), len(diagrams))
	}
	return parsed
}

// hostile are texts that could end a label, start a statement, or be HTML.
var hostile = []string{
	`"]; x --> y[`, "end", "a\nb --> c", "%%{init: {}}%%", "<script>alert(1)</script>", "`md`", "#quot;", "|a|", "click a href", "- item", "1. item", "ünï 💥", `\"`, "\x00\u2028", "&lt;", "",
}

func TestDiagramIsMermaid(t *testing.T) {
	t.Parallel()
	var paths []Path
	for _, text := range hostile {
		p := goodPath(t)
		p.LoadBalancer.Name = text
		p.LoadBalancer.SecurityGroups = []string{text}
		p.Instances[0].ID, p.Instances[0].Groups, p.Instances[1].Subnet = text, []string{text}, text
		p.Subnets[0].ACL = text
		p.Groups[text] = Group{ID: text}
		p.ACLs[text] = ACL{ID: text}
		p.ClientsDeclared, p.LoadBalancer.Clients = true, declaredClients("sg-"+text)
		paths = append(paths, p, Path{LoadBalancer: p.LoadBalancer})
	}
	paths = append(paths, goodPath(t), Path{})
	diagrams := []string{"flowchart TB\n  a[\"x"}
	for _, p := range paths {
		diagrams = append(diagrams, p.Diagram(judged(t, p, Options{})))
	}
	parsed := parseMermaid(t, diagrams)
	if parsed[0].Error == "" {
		t.Error("the parser took what is no diagram")
	}
	for i, d := range parsed[1:] {
		if d.Error != "" || d.Type != "flowchart-v2" {
			t.Errorf("%q: %s\n%s", paths[i].LoadBalancer.Name, d.Error, diagrams[i+1])
			continue
		}
		if got, want := len(d.Nodes), 9; got != want {
			t.Errorf("%q: %d nodes, want %d:\n%s", paths[i].LoadBalancer.Name, got, want, diagrams[i+1])
		}
		want := strings.Join(strings.Fields(paths[i].LoadBalancer.Label()), " ")
		if got := d.label("load_balancer"); got != want {
			t.Errorf("the load balancer is called %q, want %q", got, want)
		}
	}
}

func TestDiagramMarks(t *testing.T) {
	t.Parallel()
	proved, refuted, undecided := goodPath(t), goodPath(t), goodPath(t)
	setACL(t, &refuted, "acl-app", []string{"90 deny in tcp 8081 from 10.0.1.0/24"}, withoutRules(goodAppACL, "out tcp"))
	undecided.ACLs["acl-app"] = ACL{ID: "acl-app", Unseen: "access denied"}
	cases := []struct {
		path    Path
		verdict packet.Verdict
		style   string
		edges   []string
		class   string
	}{
		{proved, packet.Proved, "stroke:#c00", nil, ""},
		{refuted, packet.Refuted, "stroke:#c00", []string{
			"load_balancer_acl -> instance_acl: health check tcp 8081 refused by acl-app",
			"instances -> instance_acl: replies refused by acl-app",
		}, "refused"},
		{undecided, packet.Undecided, "stroke:#888", []string{
			"load_balancer_acl -> instance_acl: tcp 8080, health check tcp 8081 undecided",
			"instances -> instance_acl: replies undecided",
		}, "undecided"},
	}
	var diagrams []string
	for _, c := range cases {
		a := judged(t, c.path, Options{})
		if a.Verdict() != c.verdict {
			t.Fatalf("%s, want %s", a.Verdict(), c.verdict)
		}
		diagrams = append(diagrams, c.path.Diagram(a))
	}
	for i, d := range parseMermaid(t, diagrams) {
		c := cases[i]
		if d.Error != "" {
			t.Errorf("%s: %s", c.verdict, d.Error)
		}
		if got := d.edges(c.style); !slices.Equal(got, c.edges) {
			t.Errorf("%s: marked edges %q, want %q", c.verdict, got, c.edges)
		}
		for _, node := range d.Nodes {
			marked := c.class != "" && slices.Contains(node.Classes, c.class)
			if want := c.class != "" && node.ID == "instance_acl"; marked != want {
				t.Errorf("%s: %s is marked: %t, want %t", c.verdict, node.ID, marked, want)
			}
		}
		for id, want := range map[string]string{
			"clients":           "clients, not declared",
			"client_acl":        "network ACL acl-lb, load balancer subnets",
			"group_in":          "security group sg-lb, inbound",
			"load_balancer":     `load balancer "web"`,
			"group_out":         "security group sg-lb, outbound",
			"load_balancer_acl": "network ACL acl-lb, load balancer subnets",
			"instance_acl":      "network ACL acl-app, instance subnets",
			"instance_group":    "security group sg-app, inbound",
			"instances":         "i-1 and i-2 in subnet-app-a and subnet-app-b",
		} {
			if got := d.label(id); got != want {
				t.Errorf("%s: %s is labelled %q, want %q", c.verdict, id, got, want)
			}
		}
	}
}

// TestDiagramsOfPagesAreMermaid: the pages that draw a diagram themselves have it
// read like those that are made.
func TestDiagramsOfPagesAreMermaid(t *testing.T) {
	t.Parallel()
	pages, err := filepath.Glob("../../templates/guides/*.md.tmpl")
	if err != nil {
		t.Fatal(err)
	}
	var diagrams, names []string
	for _, page := range pages {
		text, err := os.ReadFile(page)
		if err != nil {
			t.Fatal(err)
		}
		for _, rest := range strings.Split(string(text), "```mermaid\n")[1:] {
			diagram, _, _ := strings.Cut(rest, "```\n")
			diagrams, names = append(diagrams, diagram), append(names, page)
		}
	}
	if len(diagrams) == 0 {
		t.Fatal("no page has a diagram")
	}
	for i, d := range parseMermaid(t, diagrams) {
		if d.Error != "" || len(d.Edges) == 0 {
			t.Errorf("%s: %d edges: %s\n%s", names[i], len(d.Edges), d.Error, diagrams[i])
		}
	}
}
