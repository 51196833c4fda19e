// Package calls stands in for the Calls plugin as far as its port goes.
package calls

import (
	"context"
	"io"
	"net"
)

// Listen sends back whatever arrives at the port, over TCP and UDP, until ctx ends.
func Listen(ctx context.Context, port string) error {
	stream, err := net.Listen("tcp", ":"+port)
	if err != nil {
		return err
	}
	packets, err := net.ListenPacket("udp", ":"+port)
	if err != nil {
		_ = stream.Close()
		return err
	}
	context.AfterFunc(ctx, func() {
		_ = stream.Close()
		_ = packets.Close()
	})
	go echoStreams(stream)
	go echoPackets(packets)
	return nil
}

func echoStreams(listener net.Listener) {
	for {
		connection, err := listener.Accept()
		if err != nil {
			return
		}
		go func() {
			defer connection.Close()
			_, _ = io.Copy(connection, connection)
		}()
	}
}

func echoPackets(connection net.PacketConn) {
	buffer := make([]byte, 1500)
	for {
		size, sender, err := connection.ReadFrom(buffer)
		if err != nil {
			return
		}
		_, _ = connection.WriteTo(buffer[:size], sender)
	}
}
