// SPDX-License-Identifier: Apache-2.0
package org.posthouse.plugins.spf;

/** Writes the values of Received-SPF fields (RFC 7208 9.1). */
final class ReceivedSpf {
    static final String NAME = "Received-SPF";
    private static final int LONGEST_WHY = 100;

    private ReceivedSpf() {}

    static String value(Client client, Identity identity, Judgement judgement) {
        String address = Addresses.readable(client.address());
        StringBuilder value = new StringBuilder(judgement.result().word());
        value.append(" (").append(comment(client, identity, judgement, address)).append(')');
        pair(value, "receiver", client.receiver());
        // The grammar wants a dot-atom or quotes, and colons are none.
        pair(value, "client-ip", address.indexOf(':') < 0 ? address : Printed.quoted(address));
        pair(value, "envelope-from", Printed.quoted(identity.toString()));
        pair(value, "helo", Printed.quoted(client.helo()));
        pair(value, "identity", identity.property());
        if (!judgement.why().isEmpty()) {
            pair(value, isError(judgement) ? "problem" : "mechanism", Printed.quoted(cut(judgement.why())));
        }
        return value.toString();
    }

    private static boolean isError(Judgement judgement) {
        return judgement.result() == Result.PERMERROR || judgement.result() == Result.TEMPERROR;
    }

    private static String cut(String why) {
        return Printed.cut(why, LONGEST_WHY);
    }

    private static void pair(StringBuilder value, String key, String text) {
        value.append(value.indexOf("\r\n") < 0 ? "\r\n\t" : ";\r\n\t")
                .append(key)
                .append('=')
                .append(text);
    }

    private static String comment(Client client, Identity identity, Judgement judgement, String address) {
        String domain = Printed.ascii(identity.domain()).replaceAll("[()\\\\]", "?");
        String says = switch (judgement.result()) {
            case PASS -> "domain of " + domain + " designates " + address + " as permitted sender";
            case FAIL -> "domain of " + domain + " does not designate " + address + " as permitted sender";
            case SOFTFAIL -> "domain of " + domain + " discourages use of " + address;
            case NEUTRAL -> "domain of " + domain + " says nothing of " + address;
            case NONE -> domain + " publishes no record";
            case TEMPERROR -> "DNS could not tell for " + domain;
            case PERMERROR -> "the record of " + domain + " can not be understood";
        };
        return client.receiver() + ": " + says;
    }
}
