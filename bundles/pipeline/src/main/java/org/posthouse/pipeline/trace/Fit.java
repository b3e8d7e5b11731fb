// SPDX-License-Identifier: Apache-2.0
package org.posthouse.pipeline.trace;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.posthouse.pipeline.spi.Traces.Wanted;

/** Tells whether a transaction is what somebody waits for. */
final class Fit {
    private static final String OCTET = "(25[0-5]|2[0-4][0-9]|1?[0-9]?[0-9])";
    private static final Pattern V4 = Pattern.compile("(" + OCTET + "\\.){3}" + OCTET);
    private static final Pattern V6 = Pattern.compile("[0-9a-fA-F.]*:[0-9a-fA-F:.]*");

    private final String sender;
    private final String recipient;
    private final byte @Nullable [] network;
    private final int bits;

    /**
     * Reads what is wanted.
     *
     * @throws IllegalArgumentException when the number or the network is none
     */
    Fit(Wanted wanted) {
        if (wanted.most() < 1 || wanted.most() > 1000) {
            throw new IllegalArgumentException("a watch waits for 1 to 1000 transactions, not " + wanted.most());
        }
        this.sender = wanted.sender().strip().toLowerCase(Locale.ROOT);
        this.recipient = wanted.recipient().strip().toLowerCase(Locale.ROOT);
        String peer = wanted.peer().strip();
        if (peer.isEmpty()) {
            this.network = null;
            this.bits = 0;
            return;
        }
        int slash = peer.indexOf('/');
        byte[] octets = address(slash < 0 ? peer : peer.substring(0, slash));
        if (octets == null) {
            throw new IllegalArgumentException("not an IP address or network: " + peer);
        }
        this.network = octets;
        this.bits = slash < 0 ? octets.length * 8 : length(peer.substring(slash + 1), octets.length * 8);
    }

    private static int length(String text, int most) {
        try {
            int bits = Integer.parseInt(text);
            if (bits >= 0 && bits <= most) {
                return bits;
            }
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException("not the length of a network: " + text, e);
        }
        throw new IllegalArgumentException("not the length of a network: " + text);
    }

    /** A literal alone: a name would be looked up. */
    private static byte @Nullable [] address(String text) {
        if (!V4.matcher(text).matches() && !V6.matcher(text).matches()) {
            return null;
        }
        try {
            return InetAddress.getByName(text).getAddress();
        } catch (UnknownHostException e) {
            return null;
        }
    }

    boolean fits(String from, List<String> to, String peer, boolean transaction) {
        if (!transaction && (!sender.isEmpty() || !recipient.isEmpty())) {
            return false;
        }
        return mailbox(sender, from)
                && (recipient.isEmpty() || to.stream().anyMatch(one -> mailbox(recipient, one)))
                && from(peer);
    }

    private static boolean mailbox(String wanted, String address) {
        if (wanted.isEmpty()) {
            return true;
        }
        String is = address.toLowerCase(Locale.ROOT);
        return wanted.startsWith("@") ? is.endsWith(wanted) : is.equals(wanted.equals("<>") ? "" : wanted);
    }

    private boolean from(String peer) {
        if (network == null) {
            return true;
        }
        byte[] octets = address(peer);
        if (octets == null || octets.length != network.length) {
            return false;
        }
        for (int bit = 0; bit < bits; bit++) {
            int mask = 0x80 >> (bit & 7);
            if ((octets[bit >> 3] & mask) != (network[bit >> 3] & mask)) {
                return false;
            }
        }
        return true;
    }
}
