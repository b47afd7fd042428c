// Writes random patterns and what Go's regexp makes of them, one JSON object a line:
//
//	p  the pattern
//	f  whether it is framed as ^(?s:p)$
//	e  the error, or
//	r  results: [text in hex, match indexes or null, template, expansion in hex]
//
// Run: go run generate.go > go-regexp.jsonl
package main

import (
	"encoding/hex"
	"encoding/json"
	"fmt"
	"math/rand"
	"regexp"
	"strconv"
	"strings"
)

const (
	patternCount = 1500
	textsEach    = 5
)

var (
	r = rand.New(rand.NewSource(1))

	atoms = []string{
		"a", "b", "c", "ab", "foo", "bar", "k", "s", "K", "é", "ß", "Σ", "ς", "\ufffd", "世", "1", "-", "_", " ", "\n",
		".", ".*", ".+", ".?", "[a-c]", "[^a]", "[^\\n]", "[[:alpha:]]", "[[:^space:]]", "\\d", "\\D", "\\w", "\\W",
		"\\s", "\\S", "\\pL", "\\PL", "\\p{Greek}", "\\p{^Lu}", "\\pN", "\\b", "\\B", "^", "$", "\\A", "\\z", "(?i)",
		"(?s)", "(?m)", "(?U)", "(?-i)", "(?i:k)", "(?i:S)", "[k-s]", "(?i:[k-s])", "[\\d_]", "\\x41", "\\x{e9}",
		"\\101", "\\n", "\\Qa.b\\E", "\\.", "|", "|", "()", "[^[:word:]]", "\\pZ", "\\p{Lt}", "(?i:\\p{Lu})",
		"(?i:\\x{1c5})", "x{0}", "[ak\\D]", "(?i:[^k])", "(?i:foo)", "𝔸", "(?i:𐐀)",
	}
	repeats  = []string{"*", "+", "?", "{2}", "{0,2}", "{1,3}", "{2,}", "{0}", "*?", "+?", "??", "{1,2}?"}
	oddities = []string{
		"(", "[", "\\", "{", "}", "]", ")", "*", "(?P<n>", "(?", "\\p", "\\x", "\\8", "[z-a]", "(?P<1a>x)", "[[:x:]]",
		"a{1001}", "\\pX", "{", "-", "[a-]", "[]a]", "[^]a]", "[a\\]b]", "\\Q", "\\E", "\\pM", "(?i-s:", "(?z)", "^*",
		"$+", "\\C", "\\_", "[\\b]", "[a", "(?=a)", "{,2}", "**", "{2,1}",
	}
	pieces = []string{
		"a", "b", "c", "ab", "foo", "bar", "k", "K", "\u212a", "s", "S", "ſ", "é", "É", "ß", "ẞ", "Σ", "σ", "ς",
		"\ufffd", "\xff", "\xe4\xb8", "世", "1", "-", "_", " ", "\n", "", "A", "x", "xx", "a.b", "𝔸", "𐐀", "𐐨", "ǅ",
		"ǆ", "FOO", "\u0301", "\xed\xa0\x80",
	}
	templates = []string{
		"$1", "${1}x", "$n1-$2", "${n0}$$", "$x", "$", "${", "${1", "a$1b", "$10", "${01}", "$0é$1", "${n2}",
	}
)

func pick(from []string) string { return from[r.Intn(len(from))] }

func pattern(depth int) string {
	var b strings.Builder
	for n := 1 + r.Intn(4); n > 0; n-- {
		kind := 8
		if depth > 0 {
			kind = r.Intn(20)
		}
		switch {
		case kind < 3:
			b.WriteString("(" + pattern(depth-1) + ")")
		case kind < 5:
			b.WriteString("(?:" + pattern(depth-1) + ")")
		case kind < 6:
			b.WriteString("(?P<n" + strconv.Itoa(r.Intn(3)) + ">" + pattern(depth-1) + ")")
		case kind < 8:
			b.WriteString("(?:" + pattern(depth-1) + "|" + pattern(depth-1) + ")")
		default:
			b.WriteString(pick(atoms))
		}
		if r.Intn(3) == 0 {
			b.WriteString(pick(repeats))
		}
		if r.Intn(60) == 0 {
			b.WriteString(pick(oddities))
		}
	}
	return b.String()
}

func text() string {
	var b strings.Builder
	for n := r.Intn(7); n > 0; n-- {
		b.WriteString(pick(pieces))
	}
	return b.String()
}

func main() {
	for i := 0; i < patternCount; i++ {
		p, framed := pattern(3), r.Intn(2) == 1
		whole := p
		if framed {
			whole = "^(?s:" + p + ")$"
		}
		line := map[string]any{"p": p, "f": framed}
		re, err := regexp.Compile(whole)
		if err != nil {
			line["e"] = err.Error()
		} else {
			var results [][]any
			for k := 0; k < textsEach; k++ {
				t, template, expanded := text(), pick(templates), ""
				match := re.FindStringSubmatchIndex(t)
				if match != nil {
					expanded = hex.EncodeToString(re.ExpandString(nil, template, t, match))
				}
				results = append(results, []any{hex.EncodeToString([]byte(t)), match, template, expanded})
			}
			line["r"] = results
		}
		out, _ := json.Marshal(line)
		fmt.Println(string(out))
	}
}
