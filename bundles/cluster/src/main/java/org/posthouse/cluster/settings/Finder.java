// SPDX-License-Identifier: Apache-2.0
package org.posthouse.cluster.settings;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Arrays;
import java.util.List;

/**
 * Finds the addresses of hosts, anew each time it is asked: where members are containers, a name appears after others have
 * started, and leads elsewhere when its container is replaced. What a name leads to was written by somebody else than the
 * configuration, so it has to be an address of a private network.
 */
public final class Finder {
    private final boolean allowPublic;
    private final Names names;

    /** Where names are looked up. */
    @FunctionalInterface
    interface Names {
        InetAddress[] all(String host) throws UnknownHostException;
    }

    /** A finder by the names that the system knows. */
    public Finder(boolean allowPublic) {
        this(allowPublic, InetAddress::getAllByName);
    }

    Finder(boolean allowPublic, Names names) {
        this.allowPublic = allowPublic;
        this.names = names;
    }

    /**
     * The sockets at the addresses of its host, in the order of the resolver; of an address, itself. Blocks.
     *
     * @throws UnknownHostException when there is none that may be used; the message is a sentence for people
     */
    public List<Socket> find(Socket socket) throws UnknownHostException {
        if (socket.any() || socket.numeric()) {
            return List.of(socket);
        }
        InetAddress[] all;
        try {
            all = names.all(socket.host());
        } catch (UnknownHostException e) {
            UnknownHostException said = new UnknownHostException("there is no host " + socket.host() + " (yet)");
            said.initCause(e);
            throw said;
        }
        List<Socket> found = Arrays.stream(all)
                .filter(address -> allowPublic || Reach.closed(address))
                .map(address -> new Socket(address.getHostAddress(), socket.port()))
                .toList();
        if (found.isEmpty()) {
            throw new UnknownHostException(
                    socket.host() + " is at " + all[0].getHostAddress() + ", and this" + ClusterSettings.refused());
        }
        return found;
    }
}
