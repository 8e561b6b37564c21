// Merges values documents as the app platform does: mergo with overriding, the
// later document over the earlier ones. Reads one JSON array of documents a
// line from stdin and writes the result as JSON, a line each.
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"

	"github.com/imdario/mergo"
)

func merged(documents []map[string]any) (map[string]any, error) {
	result := map[string]any{}
	for _, document := range documents {
		if err := mergo.Merge(&result, document, mergo.WithOverride); err != nil {
			return nil, err
		}
	}
	return result, nil
}

func main() {
	lines := bufio.NewScanner(os.Stdin)
	lines.Buffer(nil, 16*1024*1024)
	out := json.NewEncoder(os.Stdout)
	for lines.Scan() {
		var documents []map[string]any
		if err := json.Unmarshal(lines.Bytes(), &documents); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(2)
		}
		result, err := merged(documents)
		answer := map[string]any{"values": result}
		if err != nil {
			answer = map[string]any{"error": err.Error()}
		}
		if err := out.Encode(answer); err != nil {
			os.Exit(2)
		}
	}
}
