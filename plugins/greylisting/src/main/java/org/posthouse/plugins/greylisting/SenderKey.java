// SPDX-License-Identifier: Apache-2.0
package org.posthouse.plugins.greylisting;

import java.util.regex.Pattern;
import org.posthouse.api.Address;

/** What stays the same in reverse-paths that one sender makes anew for each message. */
final class SenderKey {
    /** Forwarders write a signature and the time. */
    private static final Pattern SRS0 = Pattern.compile("(?i)^srs0[=+-][^=]+=[^=]+=");

    private static final Pattern SRS1 = Pattern.compile("(?i)^srs1[=+-][^=]+=([^=]+)==[^=]+=[^=]+=");
    /** So does whoever wants to know notices about his own mail (BATV). */
    private static final Pattern PRVS = Pattern.compile("(?i)^prvs=[0-9a-z]{6,12}=");
    /** Behind a plus is what was put there for this message or reader. */
    private static final Pattern TAG = Pattern.compile("(?<=.)\\+.*");

    /** Numbers, also hexadecimal ones. */
    private static final Pattern NUMBER = Pattern.compile("(?i)[0-9a-f]*[0-9][0-9a-f]*");

    private SenderKey() {}

    /** The reverse-path with {@code #} in place of what changes from one message to the next. */
    static String of(Address sender) {
        if (sender.isNull()) {
            return "";
        }
        String local = SRS0.matcher(sender.local()).replaceFirst("srs=");
        local = SRS1.matcher(local).replaceFirst("srs=$1=");
        local = PRVS.matcher(local).replaceFirst("prvs=");
        local = TAG.matcher(local).replaceFirst("");
        return NUMBER.matcher(local).replaceAll("#") + "@" + sender.domain();
    }
}
