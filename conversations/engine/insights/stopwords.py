"""Words that name no topic: grammar, talk about talking, counts, days and mere manner."""

from conversations.engine.insights.text import listed

STOP_WORDS = frozenset(
    listed("""
    a about above across actually after afternoon again against ago ah all almost alone along
    already also although always am among an and another any anybody anymore anyone anything
    anyway apart are aren't around as ask asked asking at available away back bad basically be
    became because become been before begin beginning behind being believe below best better
    between big bit both bring bringing brought but by bye call called came can can't cannot
    certain certainly clear clearly come comes coming completely could couldn't couple course
    day days definitely did didn't different difficult do does doesn't doing don't done down
    during each early easy eight either eleven else end enough especially even evening ever
    every everybody everyone everything exactly far fast feel felt few find fine first five for
    forward found four free friday from full further gave get gets getting give given gives
    giving glad go goes going gone gonna good goodbye got gotta great group had hadn't half
    happen happened happens happy hard hardly has hasn't have haven't having he he'd he'll he's
    hear heard hello help her here here's hers herself hey hi high him himself his hmm hope
    hopefully hour hours how how's however hundred i i'd i'll i'm i've idea if important in
    indeed instead into is isn't it it'd it'll it's its itself just keep kept kind knew know
    known knows large last late later least left less let let's like likely little long look
    looked looking looks lot lots love made make makes making many matter may maybe me mean
    means meant might mind mine minute minutes moment monday month months more morning most
    move much must my myself name near nearly necessary need needed needs neither never new
    next nice night nine no nobody none nope nor not nothing now o'clock obviously of off often
    oh ok okay old on once one ones only open or other others otherwise ought our ours
    ourselves out over own part particular people per perfect perfectly perhaps person place
    please point possible possibly pretty probably problem put quick quickly quite rather ready
    real really reason remember right run said same saturday saw say saying says second see seem
    seems seen send sent seven several shall she she'd she'll she's short should shouldn't show
    simple simply since six small so some somebody somehow someone something sometimes somewhere
    soon sorry sort sounds speak speaking start started still stop such sunday sure take taken
    takes taking talk talked talking tell ten than thank thanks that that's the their theirs them
    themselves then there there's therefore these they they'd they'll they're they've thing
    things think thinking third this those though thought thousand three through thursday till
    time times to today together told tomorrow tonight too took totally towards tried true try
    trying tuesday turn twelve twice two type uh uhm um under understand unless until up upon us
    use used uses using usually very wait want wanted wants was wasn't way ways we we'd we'll
    we're we've wednesday week weekend weeks welcome well went were weren't what what's whatever
    when whenever where wherever whether which while who who's whole whom whose why will with
    within without won't wonderful work worked working works would wouldn't wow wrong yeah year
    years yep yes yesterday yet you you'd you'll you're you've young your yours yourself
    yourselves
    january february march april june july august september october november december
    agenda bigger item items live question questions smaller subject subjects topic topics
    """)
)
