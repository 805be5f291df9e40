/// Words that say nothing of what a text is about.
///
/// English mostly, with what telephone talk is full of; of other languages only the commonest words of some, since
/// class-based TF-IDF takes the weight from whatever stands in every cluster.
enum StopWords {
    static func contains(_ word: String) -> Bool { all.contains(word) }

    private static let all: Set<String> = Set(
        [english, contracted, spoken, german, spanish, french, portuguese, italian].flatMap { $0.split(separator: " ") }
            .map(String.init)
    )

    private static let english = """
        a about above across actually after again against ain all almost already also although always am among an and another any \
        anybody anyone anything anyway are aren around as at away back be because been before behind being below between \
        both but by came can cannot come comes coming could couldn did didn do does doesn doing don done down during each \
        either else enough even ever every everybody everyone everything except far few for from further gave get gets \
        getting give given gives giving go goes going gone gonna got gotten had hadn has hasn have haven having he hello \
        her here hers herself him himself his how however if in instead into is isn it its itself just keep keeps kept \
        kind know last least less let lets like little ll long longer look looking lot lots made make makes making many \
        may maybe me mean might mine more most much must my myself need needed needing needs neither never next no nobody \
        none nor not nothing now of off often on once one only onto or other others otherwise our ours ourselves out over \
        own per perhaps possible put quite rather re really right said same say saying says see seem seems seen several \
        shall she should shouldn since so some somebody someone something sometimes somewhere soon still such take takes \
        taking tell telling than that the their theirs them themselves then there these they thing things think this those \
        though through till to today together told too took toward tried try trying two under until up upon us used using \
        usually ve very via want wanna wanted wants was wasn way we well went were weren what whatever when whenever where \
        whether which while who whoever whole whom whose why will with within without won wonder wondering would wouldn \
        yet you your yours yourself
        """

    /// As those write them who leave the apostrophe out.
    private static let contracted = """
        arent cant couldnt didnt doesnt dont hasnt havent hows ill im isnt ive shouldnt thats theres wasnt whats wheres whos \
        wont wouldnt youre
        """

    private static let spoken = """
        ah alright bye cool could dear erm fine fyi good goodbye great guys hello help hey hi hm hmm huh kindly madam maam \
        nope oh ok okay please pls sir sorry sure thank thanks uh um umm well wow yeah yep yes
        """

    private static let german = """
        aber als am an auch auf aus bei bin bitte da dann das dass dem den der des die doch du ein eine einem einen einer er es \
        für habe haben hat ich ihr ihre im in ist ja kann kein keine können man mein meine meinem meinen meiner mich mir \
        mit möchte muss nach nicht noch nur oder schon sein sich sie sind so über um und uns von war warum was wenn werden \
        wie will wir wird wo wurde zu zum zur
        """

    private static let spanish = """
        al algo como con cuando de del donde el ella ellos en es esta este esto estoy favor ha hay hola la las lo los más me mi \
        mis muy no nos para pero por porque puedo que qué quiero se ser si sí sin son su sus también tengo un una unos ya yo
        """

    private static let french = """
        ai alors au aux avec bonjour ça ce ces cette comment dans de des du elle en est et être eu il ils je la le les leur ma \
        mais me merci mes moi mon ne nous on ou où par pas peux plus pour pourquoi que qui quoi sa se ses si son sont suis \
        sur ta te tu un une vos votre vous vouloir voudrais
        """

    private static let portuguese = """
        ao aos até com como da das de do dos ela ele em essa esse esta este eu foi isso já mais mas me meu meus minha muito na \
        não nas no nos ou para pela pelo por porque posso quando que quero se sem ser seu sua são também tem tenho uma você
        """

    private static let italian = """
        alla anche che chi ci ciao come con cosa da dal dei del della di dove e ed gli grazie ha ho il in io la le lo ma mi mia \
        mio ne nel nella non per perché più posso quando questa questo se si sono su sua sul tra un una voglio vorrei
        """
}
