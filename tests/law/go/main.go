// Command decode reads messages of schemas that it is told on its standard input, a JSON object a line, and answers
// what Go's decoders made of them: an error, or the message in binary.
package main

import (
	"bufio"
	"encoding/json"
	"os"

	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protodesc"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/descriptorpb"
	"google.golang.org/protobuf/types/dynamicpb"
)

type message struct {
	JSON     bool   `json:"json"`
	Tolerant bool   `json:"tolerant"`
	Wire     []byte `json:"wire"`
}

type task struct {
	Set      []byte    `json:"set"`
	Root     string    `json:"root"`
	Messages []message `json:"messages"`
}

type answer struct {
	Error string `json:"error"`
	Wire  []byte `json:"wire"`
}

type answers struct {
	Refused string   `json:"refused"`
	Answers []answer `json:"answers"`
}

type reader struct {
	root  protoreflect.MessageDescriptor
	types *dynamicpb.Types
}

func main() {
	in := bufio.NewReaderSize(os.Stdin, 1<<20)
	out := json.NewEncoder(os.Stdout)
	for {
		line, err := in.ReadBytes('\n')
		if err != nil {
			return
		}
		if err := out.Encode(answerOf(line)); err != nil {
			return
		}
	}
}

func answerOf(line []byte) answers {
	var asked task
	if err := json.Unmarshal(line, &asked); err != nil {
		return answers{Refused: err.Error()}
	}
	reading, err := readerOf(asked)
	if err != nil {
		return answers{Refused: err.Error()}
	}
	found := answers{Answers: []answer{}}
	for _, each := range asked.Messages {
		found.Answers = append(found.Answers, reading.read(each))
	}
	return found
}

func readerOf(asked task) (*reader, error) {
	var set descriptorpb.FileDescriptorSet
	if err := proto.Unmarshal(asked.Set, &set); err != nil {
		return nil, err
	}
	files, err := protodesc.NewFiles(&set)
	if err != nil {
		return nil, err
	}
	root, err := files.FindDescriptorByName(protoreflect.FullName(asked.Root))
	if err != nil {
		return nil, err
	}
	return &reader{root.(protoreflect.MessageDescriptor), dynamicpb.NewTypes(files)}, nil
}

func (r *reader) read(each message) answer {
	found := dynamicpb.NewMessage(r.root)
	var err error
	if each.JSON {
		options := protojson.UnmarshalOptions{DiscardUnknown: each.Tolerant, Resolver: r.types}
		err = options.Unmarshal(each.Wire, found)
	} else {
		err = proto.UnmarshalOptions{Resolver: r.types}.Unmarshal(each.Wire, found)
	}
	if err != nil {
		return answer{Error: err.Error()}
	}
	wire, err := proto.MarshalOptions{Deterministic: true}.Marshal(found)
	if err != nil {
		return answer{Error: "written again: " + err.Error()}
	}
	return answer{Wire: wire}
}
