// Reads image references as containerd's CRI does: ParseDockerRef of
// distribution/reference. One reference per line as a JSON string on stdin; one
// JSON object per line on stdout, with its parts or with an error.
package main

import (
	// go-digest knows the algorithms that are linked in; containerd has all three.
	_ "crypto/sha256"
	_ "crypto/sha512"

	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/distribution/reference"
)

func parts(text string) map[string]string {
	named, err := reference.ParseDockerRef(text)
	if err != nil {
		return map[string]string{"error": err.Error()}
	}
	found := map[string]string{"name": reference.Domain(named), "path": reference.Path(named)}
	if tagged, ok := named.(reference.Tagged); ok {
		found["tag"] = tagged.Tag()
	}
	if digested, ok := named.(reference.Digested); ok {
		found["digest"] = digested.Digest().String()
	}
	return found
}

func answer(in io.Reader, out io.Writer) error {
	references, answers := json.NewDecoder(in), json.NewEncoder(out)
	for {
		var text string
		if err := references.Decode(&text); errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			return err
		}
		if err := answers.Encode(parts(text)); err != nil {
			return err
		}
	}
}

func main() {
	if err := answer(os.Stdin, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(2)
	}
}
