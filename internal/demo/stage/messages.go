// Copyright (c) The terraform-provider-clb authors
// SPDX-License-Identifier: MPL-2.0

package stage

import "strings"

// Message is an error or a warning, as Terraform prints it without colours:
// severity and summary, where it is about, and the detail, with an empty line
// between paragraphs.
type Message string

// Error tells whether it is an error.
func (m Message) Error() bool { return strings.HasPrefix(string(m), errorPrefix) }

// Head is the message as far as the first paragraph of its detail, without the
// place in the configuration.
func (m Message) Head() Message {
	paragraphs := strings.SplitN(string(m), "\n\n", 4)
	if len(paragraphs) < 3 {
		return m
	}
	return Message(paragraphs[0] + "\n\n" + paragraphs[2])
}

const errorPrefix, warningPrefix = "Error: ", "Warning: "

// overrides is a warning of Terraform's own: on the stage it is always there.
const overrides = warningPrefix + "Provider development overrides are in effect"

// messages finds the messages in what Terraform printed without colours.
func messages(printed string) []Message {
	var found []Message
	var open []string
	end := func() {
		if len(open) > 0 {
			found = append(found, Message(strings.TrimSpace(strings.Join(open, "\n"))))
		}
		open = nil
	}
	for line := range strings.Lines(printed) {
		line = strings.TrimRight(line, "\n")
		switch {
		case line == overrides, strings.HasPrefix(line, "──"):
			end()
		case strings.HasPrefix(line, errorPrefix), strings.HasPrefix(line, warningPrefix):
			end()
			open = []string{line}
		case len(open) > 0:
			open = append(open, line)
		}
	}
	end()
	return found
}
