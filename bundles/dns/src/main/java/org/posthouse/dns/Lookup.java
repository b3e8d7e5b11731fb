// SPDX-License-Identifier: Apache-2.0
package org.posthouse.dns;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.posthouse.api.service.Dns.Status;
import org.xbill.DNS.CNAMERecord;
import org.xbill.DNS.Flags;
import org.xbill.DNS.Message;
import org.xbill.DNS.Name;
import org.xbill.DNS.Rcode;
import org.xbill.DNS.Record;
import org.xbill.DNS.SOARecord;
import org.xbill.DNS.Section;
import org.xbill.DNS.Type;

/** One question, followed through its aliases to its end. */
final class Lookup {
    /** Longer chains of aliases are loops or mistakes. */
    private static final int MOST_ALIASES = 10;

    private final Upstream upstream;
    private final Settings settings;
    private final int type;
    private final long deadline;
    private boolean authentic;
    private long ttl;
    private int aliases;

    Lookup(Upstream upstream, Settings settings, int type) {
        this.upstream = upstream;
        this.settings = settings;
        this.type = type;
        this.deadline = System.nanoTime() + settings.timeout().toNanos();
        this.authentic = settings.trustAd();
        this.ttl = seconds(settings.maxTtl());
    }

    Found run(Name asked) throws InterruptedException {
        Name name = asked;
        while (aliases <= MOST_ALIASES) {
            Optional<Message> answer = upstream.ask(name, type, deadline);
            if (answer.isEmpty()) {
                return Found.TEMPORARY;
            }
            Message message = answer.get();
            authentic &= message.getHeader().getFlag(Flags.AD);
            Name end = follow(message, name);
            List<Record> records = records(message, end);
            if (!records.isEmpty()) {
                return new Found(Status.FOUND, records, authentic, ttl);
            }
            if (end.equals(name) || message.getRcode() == Rcode.NXDOMAIN) {
                return nothing(message);
            }
            // A server that is not recursive for the alias' zone leaves the rest to us.
            name = end;
        }
        return Found.TEMPORARY;
    }

    private Name follow(Message message, Name from) {
        Name name = from;
        boolean moved = type != Type.CNAME;
        while (moved && aliases <= MOST_ALIASES) {
            moved = false;
            for (Record record : message.getSection(Section.ANSWER)) {
                if (record instanceof CNAMERecord alias && alias.getName().equals(name)) {
                    name = alias.getTarget();
                    ttl = Math.min(ttl, alias.getTTL());
                    aliases++;
                    moved = true;
                    break;
                }
            }
        }
        return name;
    }

    private List<Record> records(Message message, Name name) {
        List<Record> found = new ArrayList<>();
        for (Record record : message.getSection(Section.ANSWER)) {
            if (record.getType() == type && record.getName().equals(name)) {
                ttl = Math.min(ttl, record.getTTL());
                found.add(record);
            }
        }
        return found;
    }

    /** RFC 2308 5: kept as long as the SOA record allows; without one not at all. */
    private Found nothing(Message message) {
        Status status = message.getRcode() == Rcode.NXDOMAIN ? Status.NO_NAME : Status.NO_DATA;
        long keep = 0;
        for (Record record : message.getSection(Section.AUTHORITY)) {
            if (record instanceof SOARecord soa) {
                keep = Math.min(Math.min(soa.getTTL(), soa.getMinimum()), seconds(settings.negativeTtl()));
            }
        }
        return new Found(status, List.of(), authentic, Math.min(keep, ttl));
    }

    private static long seconds(Duration duration) {
        return duration.toSeconds();
    }
}
