// SPDX-License-Identifier: Apache-2.0
package org.posthouse.cluster.limits;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.posthouse.api.service.Limiter;
import org.posthouse.cluster.protocol.Clocks;
import org.posthouse.cluster.protocol.Rights;
import org.posthouse.cluster.protocol.Term;
import org.posthouse.state.spi.Kept;

/**
 * What this node may grant of all limits: its own part, the parts of members that it stands in for, and what it was lent,
 * less what it lends. Knows no threads and no net, and locks one limit at a time; what it writes is kept behind it.
 */
public final class Quotas {
    private static final int LOCKS = 256;
    private static final long MILLI = 1_000_000;

    /** What is kept of a limit outlives its loans by so much, so that their end is noticed. */
    private static final long SLACK = 5_000;

    private final String self;
    private final List<String> members;
    private final Supplier<Rights> rights;
    private final Clocks clocks;
    private final LongSupplier even;
    private final long era;
    private final BooleanSupplier remembers;
    private final LimitRules rules;
    private final long began;
    private final Object[] locks = new Object[LOCKS];
    private final Map<String, Loans> loans = new ConcurrentHashMap<>();
    private long serials;

    /**
     * Nothing is lent yet.
     *
     * @param members those that store mail
     * @param rights how this node stands now
     * @param even nanoseconds that run evenly, in which debts are kept
     * @param era a number that no other run of the process has, not 0
     * @param remembers whether all is known that an earlier life granted
     */
    public Quotas(
            String self,
            List<String> members,
            Supplier<Rights> rights,
            Clocks clocks,
            LongSupplier even,
            long era,
            BooleanSupplier remembers,
            LimitRules rules) {
        this.self = self;
        this.members = List.copyOf(members);
        this.rights = rights;
        this.clocks = clocks;
        this.even = even;
        this.era = era;
        this.remembers = () -> !rules.forgetful() || remembers.getAsBoolean();
        this.rules = rules;
        this.began = clocks.monotonic();
        // Of this process alone, so that no loan is taken for one of another process.
        this.serials = era & (Long.MAX_VALUE >> 2);
        for (int i = 0; i < LOCKS; i++) {
            locks[i] = new Object();
        }
    }

    private Object lock(String limit) {
        return locks[Math.floorMod(limit.hashCode(), LOCKS)];
    }

    private synchronized long serial() {
        return ++serials;
    }

    /** A limit as it is now on this node. */
    private final class Bucket {
        private final long now = even.getAsLong();
        private final long mono = clocks.monotonic();
        private final long span;
        private final Kept kept;
        private long firm;
        private long pool;
        private long given;
        private long taken;
        private long debt;
        private long owed;
        private boolean owns;

        Bucket(String limit, Limiter.Rate rate, Kept kept, @Nullable Loans loans) {
            this.span = Level.span(rate);
            this.kept = kept;
            Kept.Fill fill = kept.read();
            long asOf = fill != null && fill.era() == era ? fill.asOf() : Long.MIN_VALUE;
            debt = fill == null ? 0 : Math.clamp(fill.full() - now, 0, span);
            owed = fill == null ? 0 : fill.lent();
            if (loans != null) {
                loans.taken.values().removeIf(loan -> !loan.term().holds(clocks));
                given = loans.given();
                taken = loans.taken();
            }
            parts(new Division(limit, rate.burst(), members), asOf);
            if (loans != null && drop(loans)) {
                write(0);
            }
        }

        private long at(long monotonic) {
            // A millisecond later than it was at the most, for it was cut to milliseconds.
            return now - (mono - monotonic - 1) * MILLI;
        }

        /** What came to this node since the debt was written came empty, and has filled since. */
        private void parts(Division division, long asOf) {
            Rights now = rights.get();
            owns = now.own(clocks);
            if (now.life() > 0) {
                firm(division.firm(self), remembers.getAsBoolean() || now.first(), asOf);
            }
            List<long[]> gained = new ArrayList<>();
            if (mono >= now.settled()) {
                part(division.pool(self), at(now.settled()), asOf, gained);
            }
            for (String member : division.members()) {
                long since = member.equals(self) || !owns ? -1 : now.deputy(division.before(member, self), clocks);
                if (since >= 0) {
                    part(division.pool(member), at(since), asOf, gained);
                }
            }
            gained.forEach(part -> gain(part[0], emptied(part[1])));
        }

        /** What an earlier life of this process lent is here again when its loans are over, and comes empty. */
        private void firm(long units, boolean known, long asOf) {
            if (known && owed <= given) {
                firm = units;
                return;
            }
            long over = began + rules.loan() + rules.margin();
            if (mono < over) {
                return;
            }
            long since = at(over);
            if (since > asOf) {
                debt = Level.mixed(taken, debt, units, emptied(since));
            }
            firm = units;
            owed = given;
        }

        private void part(long units, long since, long asOf, List<long[]> gained) {
            if (since <= asOf) {
                pool += units;
            } else {
                gained.add(new long[] {units, since});
            }
        }

        /** The debt now of what was empty then. */
        private long emptied(long then) {
            return Math.clamp(then + span - now, 0, span);
        }

        /** What this node has itself, whether it may use all of it now or not. */
        private long unlent() {
            return Math.max(0, firm + pool - given);
        }

        private void gain(long units, long theirs) {
            long before = unlent();
            pool += units;
            debt = Level.mixed(before + taken, debt, unlent() - before, theirs);
        }

        /** Units that were lent are here again. */
        void back(long units, long theirs) {
            long before = unlent();
            given -= units;
            debt = Level.mixed(before + taken, debt, unlent() - before, theirs);
        }

        private boolean drop(Loans all) {
            boolean some = false;
            for (Iterator<Loans.Given> each = all.given.values().iterator(); each.hasNext(); ) {
                Loans.Given loan = each.next();
                if (mono >= loan.until()) {
                    each.remove();
                    owed = Math.max(0, owed - loan.units());
                    // The borrower may have used it up to the end.
                    back(loan.units(), emptied(at(loan.until())));
                    some = true;
                }
            }
            return some;
        }

        /** What this node may lend. */
        long lendable() {
            return owns ? unlent() : 0;
        }

        long units() {
            return (owns ? unlent() : Math.min(firm, unlent())) + taken;
        }

        /** All that the debt is of. */
        long whole() {
            return unlent() + taken;
        }

        void write(long life) {
            kept.write(new Kept.Fill(now + debt, now, Math.max(owed, given), era), Math.max(life, debt));
        }
    }

    /** Takes from what this node has. */
    public Limiter.Grant take(String limit, Limiter.Rate rate, long amount, Kept kept) {
        if (amount < 1) {
            throw new IllegalArgumentException("An amount must be positive: " + amount);
        }
        synchronized (lock(limit)) {
            if (changing(limit, rate)) {
                return new Limiter.Grant(false, Duration.ofMillis(rules.margin()));
            }
            Loans open = loans(limit, rate);
            Bucket bucket = new Bucket(limit, rate, kept, open);
            if (open != null) {
                open.usedAt = bucket.mono;
            }
            long units = bucket.units();
            if (amount > units) {
                shortage(open, bucket.mono);
                return new Limiter.Grant(false, Duration.ofNanos(Math.max(1, bucket.span)));
            }
            long next = bucket.debt + Level.cost(bucket.span, units, amount);
            if (next > bucket.span) {
                shortage(open, bucket.mono);
                return new Limiter.Grant(false, Duration.ofNanos(next - bucket.span));
            }
            bucket.debt = next;
            bucket.write(0);
            return new Limiter.Grant(true, Duration.ZERO);
        }
    }

    private static void shortage(@Nullable Loans open, long mono) {
        if (open != null) {
            open.shortAt = mono;
        }
    }

    /** The loans of a limit, if there are any of this rate. */
    private @Nullable Loans loans(String limit, Limiter.Rate rate) {
        Loans open = loans.get(limit);
        return open != null && open.rate.equals(rate) ? open : null;
    }

    private @Nullable Loans open(String limit, Limiter.Rate rate) {
        Loans open = loans.get(limit);
        if (open == null && loans.size() < rules.most()) {
            open = new Loans(rate);
            loans.put(limit, open);
        }
        return open != null && open.rate.equals(rate) ? open : null;
    }

    /** Whether the rate was another one a moment ago, and something of that is still lent. */
    private boolean changing(String limit, Limiter.Rate rate) {
        Loans open = loans.get(limit);
        return open != null && !open.rate.equals(rate) && !(open.given.isEmpty() && open.taken.isEmpty());
    }

    /**
     * What to ask another member for, after this node had too little; asks for more each time.
     *
     * @return nothing when it was asked a moment ago or can not help
     */
    public Optional<Asking> shortOf(String limit, Limiter.Rate rate, long amount, long pause) {
        synchronized (lock(limit)) {
            Loans open = open(limit, rate);
            long now = clocks.monotonic();
            if (open == null || now - open.askedAt < pause) {
                return Optional.empty();
            }
            open.want = now - open.askedAt > rules.busy()
                    ? amount
                    : Math.min(rate.burst(), Math.max(amount, open.want) * 2);
            open.askedAt = now;
            open.usedAt = now;
            open.shortAt = now;
            return Optional.of(new Asking(limit, rate, open.want));
        }
    }

    /** What to ask for; goes to one or all others. */
    public record Asking(String limit, Limiter.Rate rate, long want) {}

    /** The question for one member. */
    public LimitMessage.Ask ask(String member, Asking asking) {
        synchronized (lock(asking.limit())) {
            Loans open = loans(asking.limit(), asking.rate());
            Loans.Taken taken = open == null ? null : open.taken.get(member);
            return new LimitMessage.Ask(
                    asking.limit(), asking.rate(), taken == null ? 0 : taken.serial(), asking.want());
        }
    }

    /** Answers a member that asks for a loan; what it lent itself it gets back first. */
    public LimitMessage lend(String borrower, LimitMessage.Ask ask, Kept kept) {
        LimitMessage.Lent nothing = new LimitMessage.Lent(ask.limit(), 0, 0, 0, 0);
        synchronized (lock(ask.limit())) {
            Loans open = open(ask.limit(), ask.rate());
            if (open == null) {
                return nothing;
            }
            Bucket bucket = new Bucket(ask.limit(), ask.rate(), kept, open);
            if (open.taken.containsKey(borrower) && ask.want() > 0) {
                return giveBack(ask.limit(), open, borrower, bucket);
            }
            Loans.Given given = open.given.get(borrower);
            if (!bucket.owns || (given == null ? 0 : given.serial()) != ask.serial()) {
                // Of a loan about which they do not agree the end is waited for.
                return nothing;
            }
            // What somebody is back for, for whom this node stood in, must not be lent any longer.
            boolean needed = bucket.mono - open.shortAt < rules.busy() || bucket.given > bucket.firm + bucket.pool;
            boolean idle = bucket.mono - open.usedAt >= rules.busy();
            long keep = given == null ? 0 : given.units();
            long free = bucket.lendable();
            long extra = needed ? 0 : Math.min(idle ? free : free / 2, units(bucket, ask.want()));
            if (needed || keep + extra == 0) {
                return new LimitMessage.Lent(ask.limit(), ask.serial(), 0, 0, 0);
            }
            Loans.Given now = new Loans.Given(serial(), keep + extra, bucket.mono + rules.loan() + rules.margin());
            open.given.put(borrower, now);
            bucket.given += extra;
            bucket.owed += extra;
            bucket.write((rules.loan() + rules.margin() + SLACK) * MILLI);
            return new LimitMessage.Lent(ask.limit(), now.serial(), now.units(), extra, bucket.debt);
        }
    }

    /** So many units hold that many events, if they are not empty. */
    private static long units(Bucket bucket, long events) {
        long left = bucket.span - bucket.debt;
        return events <= 0 ? 0 : left <= 0 ? events : Level.scaled(bucket.span, events, left);
    }

    /**
     * Takes the answer of a member.
     *
     * @param term how long it may be used, from when it was asked
     * @return what to give back to it at once, if anything
     */
    public Optional<LimitMessage.Back> lent(
            String lender, Limiter.Rate rate, LimitMessage.Lent answer, Term term, Kept kept) {
        synchronized (lock(answer.limit())) {
            Loans open = loans(answer.limit(), rate);
            if (open == null || !term.holds(clocks)) {
                return Optional.empty();
            }
            Bucket bucket = new Bucket(answer.limit(), rate, kept, open);
            Loans.Taken old = open.taken.get(lender);
            if (answer.units() == 0) {
                boolean same = old != null && old.serial() == answer.serial();
                return same ? Optional.of(giveBack(answer.limit(), open, lender, bucket)) : Optional.empty();
            }
            long had = old == null ? 0 : old.units();
            // What ended meanwhile comes again as if it were empty.
            long lost = Math.max(0, answer.units() - answer.added() - had);
            bucket.debt = Level.mixed(bucket.whole(), bucket.debt, lost, bucket.span);
            bucket.debt = Level.mixed(
                    bucket.whole() + lost, bucket.debt, answer.added(), Math.clamp(answer.debt(), 0, bucket.span));
            bucket.write(0);
            open.taken.put(lender, new Loans.Taken(answer.serial(), answer.units(), term));
            return Optional.empty();
        }
    }

    private LimitMessage.Back giveBack(String limit, Loans open, String lender, Bucket bucket) {
        Loans.Taken loan = open.taken.remove(lender);
        return new LimitMessage.Back(
                limit, open.rate, loan == null ? 0 : loan.serial(), loan == null ? 0 : loan.units(), bucket.debt);
    }

    /** A member gives back what it was lent. */
    public void back(String borrower, LimitMessage.Back back, Kept kept) {
        synchronized (lock(back.limit())) {
            Loans open = loans(back.limit(), back.rate());
            Loans.Given given = open == null ? null : open.given.get(borrower);
            if (open == null || given == null || given.serial() != back.serial()) {
                return;
            }
            Bucket bucket = new Bucket(back.limit(), back.rate(), kept, open);
            if (open.given.remove(borrower) != null) {
                bucket.owed = Math.max(0, bucket.owed - given.units());
                bucket.back(given.units(), Math.clamp(back.debt(), 0, bucket.span));
                bucket.write(0);
            }
        }
    }

    /** The limits of which something is lent, or was a moment ago. */
    public Map<String, Limiter.Rate> open() {
        Map<String, Limiter.Rate> open = new HashMap<>();
        loans.forEach((limit, of) -> open.put(limit, of.rate));
        return open;
    }

    /** This node knows the limit by another name now; what is still lent ends by itself. */
    public void forget(String limit) {
        synchronized (lock(limit)) {
            Loans open = loans.get(limit);
            long now = clocks.monotonic();
            if (open != null && open.given.values().stream().allMatch(loan -> now >= loan.until())) {
                loans.remove(limit);
            }
        }
    }

    /** What is to be done about the loans of a limit; called some times a second for each. */
    public Care care(String limit, Kept kept) {
        synchronized (lock(limit)) {
            Loans open = loans.get(limit);
            if (open == null) {
                return Care.NONE;
            }
            Bucket bucket = new Bucket(limit, open.rate, kept, open);
            if (open.taken.isEmpty() && open.given.isEmpty()) {
                if (bucket.mono - open.usedAt >= rules.busy()) {
                    loans.remove(limit);
                }
                return Care.NONE;
            }
            boolean used = bucket.mono - open.usedAt < rules.busy();
            List<String> on = new ArrayList<>();
            List<Care.Return> off = new ArrayList<>();
            for (Map.Entry<String, Loans.Taken> loan : List.copyOf(open.taken.entrySet())) {
                if (!used) {
                    off.add(new Care.Return(loan.getKey(), giveBack(limit, open, loan.getKey(), bucket)));
                } else if (bucket.mono - loan.getValue().term().monotonic() >= rules.loan() / 3) {
                    on.add(loan.getKey());
                }
            }
            return new Care(new Asking(limit, open.rate, 0), on, off);
        }
    }

    /**
     * What is to be done about the loans of one limit.
     *
     * @param asking the question by which they go on
     * @param on whom to ask it
     * @param off what goes back
     */
    public record Care(@Nullable Asking asking, List<String> on, List<Return> off) {
        static final Care NONE = new Care(null, List.of(), List.of());

        /** A loan that goes back. */
        public record Return(String lender, LimitMessage.Back back) {}
    }

    /** How many units of a limit this node has now, for those who look. */
    public long units(String limit, Limiter.Rate rate, Kept kept) {
        synchronized (lock(limit)) {
            return new Bucket(limit, rate, kept, loans(limit, rate)).units();
        }
    }
}
