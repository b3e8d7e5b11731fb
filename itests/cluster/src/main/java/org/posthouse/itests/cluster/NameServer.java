// SPDX-License-Identifier: Apache-2.0
package org.posthouse.itests.cluster;

import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import org.xbill.DNS.ARecord;
import org.xbill.DNS.DClass;
import org.xbill.DNS.Flags;
import org.xbill.DNS.Message;
import org.xbill.DNS.Name;
import org.xbill.DNS.Rcode;
import org.xbill.DNS.Record;
import org.xbill.DNS.Section;
import org.xbill.DNS.Type;

/** A name server of the world that knows one name, the next hop's, for one second at a time. */
final class NameServer implements AutoCloseable {
    static final int PORT = 5300;
    static final String NEXT_HOP = "sink.test";

    private final DatagramSocket socket;
    private final InetAddress world;

    NameServer(String world) throws IOException {
        this.world = InetAddress.getByName(world);
        socket = new DatagramSocket(new InetSocketAddress(this.world, PORT));
        Thread.ofVirtual().start(this::serve);
    }

    private void serve() {
        byte[] buffer = new byte[4096];
        while (!socket.isClosed()) {
            try {
                DatagramPacket packet = new DatagramPacket(buffer, buffer.length);
                socket.receive(packet);
                byte[] octets = new byte[packet.getLength()];
                System.arraycopy(buffer, 0, octets, 0, octets.length);
                byte[] answer = answer(new Message(octets)).toWire();
                socket.send(new DatagramPacket(answer, answer.length, packet.getSocketAddress()));
            } catch (IOException e) {
                // Closed, no question, or nobody there any more: who asked will ask again.
            }
        }
    }

    private Message answer(Message question) throws IOException {
        Record asked = question.getQuestion();
        Message answer = new Message(question.getHeader().getID());
        answer.getHeader().setFlag(Flags.QR);
        answer.getHeader().setFlag(Flags.AA);
        answer.addRecord(asked, Section.QUESTION);
        if (!asked.getName().equals(Name.fromString(NEXT_HOP + "."))) {
            answer.getHeader().setRcode(Rcode.NXDOMAIN);
        } else if (asked.getType() == Type.A) {
            answer.addRecord(new ARecord(asked.getName(), DClass.IN, 1, world), Section.ANSWER);
        }
        return answer;
    }

    @Override
    public void close() {
        socket.close();
    }
}
