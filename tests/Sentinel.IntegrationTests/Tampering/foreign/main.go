// A verifier that shares no line with Sentinel: golang.org/x/mod's note and tlog over an exported log.
//
//	foreign VKEY EXPORT [CHECKPOINT...]
//
// VKEY is a file with the log's key as it was handed over before, CHECKPOINT a head that was kept
// elsewhere. Prints what is wrong and exits 1, or exits 0.
package main

import (
	"bufio"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

type hashes []tlog.Hash

func (stored hashes) ReadHashes(indexes []int64) ([]tlog.Hash, error) {
	var found []tlog.Hash
	for _, index := range indexes {
		if index >= int64(len(stored)) {
			return nil, fmt.Errorf("the tree has no hash %d", index)
		}
		found = append(found, stored[index])
	}
	return found, nil
}

func refuse(format string, values ...interface{}) {
	fmt.Printf(format+"\n", values...)
	os.Exit(1)
}

func must(err error, what string) {
	if err != nil {
		refuse("%s: %v", what, err)
	}
}

func read(file string) string {
	text, err := os.ReadFile(file)
	must(err, file)
	return string(text)
}

// head is origin, size and root of a signed C2SP checkpoint.
func head(text string, verifier note.Verifier, what string) (int64, tlog.Hash) {
	opened, err := note.Open([]byte(text), note.VerifierList(verifier))
	must(err, what)
	lines := strings.Split(opened.Text, "\n")
	if len(lines) < 4 || lines[0] != verifier.Name() {
		refuse("%s is not a head of %s", what, verifier.Name())
	}
	size, err := strconv.ParseInt(lines[1], 10, 64)
	must(err, what)
	root, err := tlog.ParseHash(lines[2])
	must(err, what)
	return size, root
}

func leaves(file string) (hashes, [][]byte) {
	opened, err := os.Open(file)
	must(err, file)
	var stored hashes
	var contents [][]byte
	lines := bufio.NewScanner(opened)
	lines.Buffer(nil, 1<<26)
	for lines.Scan() {
		var line struct {
			Leaf string `json:"leaf"`
		}
		must(json.Unmarshal(lines.Bytes(), &line), file)
		content, err := base64.StdEncoding.DecodeString(line.Leaf)
		must(err, file)
		added, err := tlog.StoredHashes(int64(len(contents)), content, stored)
		must(err, file)
		stored = append(stored, added...)
		contents = append(contents, content)
	}
	must(lines.Err(), file)
	return stored, contents
}

func main() {
	verifier, err := note.NewVerifier(strings.TrimSpace(read(os.Args[1])))
	must(err, os.Args[1])
	export := os.Args[2]
	stored, contents := leaves(filepath.Join(export, "leaves.jsonl"))
	for _, file := range append([]string{filepath.Join(export, "checkpoint")}, os.Args[3:]...) {
		size, root := head(read(file), verifier, file)
		if size > int64(len(contents)) {
			refuse("%s has %d entries, the export %d", file, size, len(contents))
		}
		tree, err := tlog.TreeHash(size, stored)
		must(err, file)
		if tree != root {
			refuse("%s has another root over its %d entries", file, size)
		}
	}
	proofs, err := filepath.Glob(filepath.Join(export, "*.tlog-proof"))
	must(err, "proofs")
	for _, file := range proofs {
		parts := strings.SplitN(read(file), "\n\n", 2)
		lines := strings.Split(parts[0], "\n")
		index, err := strconv.ParseInt(strings.TrimPrefix(lines[1], "index "), 10, 64)
		must(err, file)
		var proof tlog.RecordProof
		for _, line := range lines[2:] {
			hash, err := tlog.ParseHash(line)
			must(err, file)
			proof = append(proof, hash)
		}
		size, root := head(parts[1], verifier, file)
		if index >= int64(len(contents)) {
			refuse("%s proves entry %d of %d", file, index, len(contents))
		}
		must(tlog.CheckRecord(proof, size, root, index, tlog.RecordHash(contents[index])), file)
	}
}
